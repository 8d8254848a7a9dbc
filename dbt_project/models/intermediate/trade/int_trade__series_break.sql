-- Grain: source x reporter x year with a dated break x partner (NULL where trade with all of them breaks).
-- Why: a series that breaks looks like growth. The list of breaks is data; facts join it by year, so the flag holds
-- as long as a comparison with the year before crosses the break. Breaks lie on a 1 January (a test holds that).
select distinct source_id, reporter_code, year, partner_code
from {{ ref('int_trade__dated_break') }}
