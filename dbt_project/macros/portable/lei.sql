{#- True where a text is a legal entity identifier: twenty signs by ISO 17442, of which the last two are check digits
    (letters count 10 to 35, the number modulo 97 is 1). The number has up to forty digits, more than any integer holds,
    so its remainder is taken in three steps. -#}
{% macro lei_is_valid(expression) -%}
case
    when {{ matches(expression, '[0-9A-Z]{18}[0-9]{2}') }} then {{ _lei_remainder(expression) }} = 1
    else false
end
{%- endmacro %}

{% macro _lei_remainder(expression) -%}
{%- set digits = namespace(sql=expression) -%}
{%- for letter in 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' -%}
    {%- set digits.sql = "replace(" ~ digits.sql ~ ", '" ~ letter ~ "', '" ~ (loop.index + 9) ~ "')" -%}
{%- endfor -%}
{%- set remainder = namespace(sql="''") -%}
{%- for start in [1, 15, 29] -%}
    {%- set part = "substr(" ~ digits.sql ~ ", " ~ start ~ ", 14)" -%}
    {%- set remainder.sql = "cast(cast(concat(" ~ remainder.sql ~ ", " ~ part ~ ") as bigint) % 97 as varchar)" -%}
{%- endfor -%}
cast({{ remainder.sql }} as integer)
{%- endmacro %}
