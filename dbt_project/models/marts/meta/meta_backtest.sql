{{ config(alias='backtest') }}
-- Grain: one model, score version and window of years.
-- Why: whether the score foretold what countries really entered stands beside the score, made anew with every build.
select
    score_version,
    train_until_year,
    test_until_year,
    model_code,
    auc,
    precision_at_20,
    calibration_error,
    case_count
from {{ ref('int_market_fit__backtest') }}
