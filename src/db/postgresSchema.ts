/**
 * Which roles but ours have a hand in the schema of our tables. A function or table that another puts there may be taken
 * for one of PostgreSQL's or of ours, and then works with our rights (CVE-2018-1058); up to PostgreSQL 14, everybody may
 * do so in the schema `public`.
 */

/**
 * Takes the schema's name; gives the names of all who may create something in it, or own something there, joined, or
 * null. Superusers, and roles whose rights we have, are none of them.
 */
export const OTHERS_IN_SCHEMA = `
  WITH ours AS (SELECT oid, nspacl, nspowner FROM pg_catalog.pg_namespace WHERE nspname = $1),
  hands AS (
    SELECT acl.grantee AS role
    FROM ours, pg_catalog.aclexplode(coalesce(nspacl, pg_catalog.acldefault('n', nspowner))) AS acl
    WHERE acl.privilege_type = 'CREATE'
    UNION SELECT proowner FROM pg_catalog.pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
    UNION SELECT relowner FROM pg_catalog.pg_class WHERE relnamespace IN (SELECT oid FROM ours)
    UNION SELECT oprowner FROM pg_catalog.pg_operator WHERE oprnamespace IN (SELECT oid FROM ours)
    UNION SELECT typowner FROM pg_catalog.pg_type WHERE typnamespace IN (SELECT oid FROM ours)
  )
  SELECT pg_catalog.string_agg(coalesce(rolname::text, 'PUBLIC'), ', ')
  FROM hands LEFT JOIN pg_catalog.pg_roles ON pg_roles.oid = hands.role
  WHERE rolname IS NULL OR NOT (rolsuper OR pg_catalog.pg_has_role(pg_roles.oid, 'USAGE'))`;
