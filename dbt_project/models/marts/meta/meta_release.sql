{{ config(alias='release') }}
-- Grain: one release. Always empty in the build file.
-- Why: the seal writes the row, because fingerprint and certificate exist only after the build.
{{ empty_relation({
    'release_id': dbt.type_string(), 'profile_code': dbt.type_string(), 'region_code': dbt.type_string(),
    'run_id': dbt.type_string(), 'code_version': dbt.type_string(), 'created_at': 'timestamp',
    'fingerprint': dbt.type_string(), 'is_synthetic': 'boolean', 'replaces_release_id': dbt.type_string(),
    'reason': dbt.type_string()
}) }}
