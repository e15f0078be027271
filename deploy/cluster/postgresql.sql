-- What Kamailio may read: names and secrets of phones, and nothing of anybody. Its password comes from whoever sets it up.
CREATE VIEW sip_phones AS SELECT id, secret FROM phones;
CREATE ROLE kamailio LOGIN;
GRANT SELECT ON sip_phones TO kamailio;
