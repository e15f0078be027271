-- What Kamailio may read: names and secrets of phones, and nothing of anybody. Its password comes from whoever sets it up.
CREATE VIEW sip_phones AS SELECT id, secret FROM phones;
CREATE ROLE kamailio LOGIN;
-- What follows also after each `wingline restore`, which makes schema and view anew: until then no phone can register.
GRANT USAGE ON SCHEMA public TO kamailio;
GRANT SELECT ON sip_phones TO kamailio;
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO kamailio', current_database()); END $$;
