{{ config(alias='backtest') }}
-- Grain: one model, score version and window of years. Empty until a back-test is run.
-- Why: its place is in the contract; the rows come from a run over many years, not from every build.
{{ empty_relation({
    'score_version': dbt.type_string(), 'train_until_year': 'integer', 'test_until_year': 'integer',
    'model_code': dbt.type_string(), 'auc': 'double', 'precision_at_20': 'double', 'calibration_error': 'double',
    'case_count': 'bigint'
}) }}
