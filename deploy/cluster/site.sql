-- A database of its own for one site, and a role that can use no other one. `site` is the id in its site file:
--   psql --set=ON_ERROR_STOP=1 --set=site=leeds --file=site.sql postgres     and then in psql: \password leeds
-- No site takes all connections of the server (docs/scale.md).
CREATE ROLE :"site" LOGIN CONNECTION LIMIT 64;
CREATE DATABASE :"site" OWNER :"site";
-- PostgreSQL lets each role into every database that does not say otherwise.
REVOKE ALL ON DATABASE :"site" FROM PUBLIC;
