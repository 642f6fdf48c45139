-- What a journey was like: its measures, and for each touchpoint the journey it joined.
ALTER TABLE touchpoints
    ADD COLUMN IF NOT EXISTS journey_id String COMMENT 'Journey that it joined; empty: none' AFTER person_id;

ALTER TABLE journeys
    COMMENT COLUMN IF EXISTS end_state 'open, completed, failed_final, superseded, escalated_open, abandoned',
    ADD COLUMN IF NOT EXISTS stage LowCardinality(String) COMMENT 'Stage of the relationship, by task: consideration, purchase, fulfilment, post_purchase, onboarding, loyalty, advocacy' AFTER continues,
    ADD COLUMN IF NOT EXISTS location_id LowCardinality(String) COMMENT 'Location, the first told' AFTER stage,
    ADD COLUMN IF NOT EXISTS duration_ms Int64 COMMENT 'From first to last touchpoint, milliseconds' AFTER location_id,
    ADD COLUMN IF NOT EXISTS active_ms Int64 COMMENT 'Sum of the pauses that are no longer than the gap of a session, milliseconds' AFTER duration_ms,
    ADD COLUMN IF NOT EXISTS wait_ms Int64 COMMENT 'Waited, as told, and on hold, milliseconds' AFTER active_ms,
    ADD COLUMN IF NOT EXISTS outbound_touches Int64 COMMENT 'Touchpoints from the brand' AFTER wait_ms,
    ADD COLUMN IF NOT EXISTS visits Int64 COMMENT 'Runs of inbound touchpoints at one place' AFTER outbound_touches,
    ADD COLUMN IF NOT EXISTS backtracks Int64 COMMENT 'Steps back in the flow' AFTER visits,
    ADD COLUMN IF NOT EXISTS restarts Int64 COMMENT 'Things started again without an outcome between' AFTER backtracks,
    ADD COLUMN IF NOT EXISTS retries Int64 COMMENT 'Tried again after an error' AFTER restarts,
    ADD COLUMN IF NOT EXISTS repeat_contacts Int64 COMMENT 'Contacts with support after the first' AFTER retries,
    ADD COLUMN IF NOT EXISTS transfers Int64 COMMENT 'Contacts handed on' AFTER repeat_contacts,
    ADD COLUMN IF NOT EXISTS reauths Int64 COMMENT 'Had to say again who they are' AFTER transfers,
    ADD COLUMN IF NOT EXISTS self_service Bool COMMENT 'Some touchpoint in digital self-service or at a kiosk' AFTER reauths,
    ADD COLUMN IF NOT EXISTS contained Bool COMMENT 'Self-service without any contact with support' AFTER self_service,
    ADD COLUMN IF NOT EXISTS steps_done Int64 COMMENT 'Distinct steps done' AFTER contained,
    ADD COLUMN IF NOT EXISTS steps_total Int64 COMMENT 'Steps of the flow, the greatest number told' AFTER steps_done,
    ADD COLUMN IF NOT EXISTS completed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When its goal was met; NULL: it was not' AFTER steps_total,
    ADD COLUMN IF NOT EXISTS value_at_risk_minor Int64 COMMENT 'Greatest amount at stake, minor units; 0 once completed' AFTER completed_at,
    ADD COLUMN IF NOT EXISTS seamless_switches Int64 COMMENT 'Switches to which what was known came along and the task went on' AFTER value_at_risk_minor,
    ADD COLUMN IF NOT EXISTS sentiment_first Nullable(Float64) COMMENT 'First sentiment score, -1 to 1; NULL: none told' AFTER seamless_switches,
    ADD COLUMN IF NOT EXISTS sentiment_last Nullable(Float64) COMMENT 'Last sentiment score' AFTER sentiment_first,
    ADD COLUMN IF NOT EXISTS sentiment_min Nullable(Float64) COMMENT 'Least sentiment score' AFTER sentiment_last,
    ADD COLUMN IF NOT EXISTS sentiment_slope Nullable(Float64) COMMENT 'Slope of the scores from one to the next (least squares); NULL: fewer than three' AFTER sentiment_min,
    ADD COLUMN IF NOT EXISTS survey Array(LowCardinality(String)) COMMENT 'Survey scores, instrument:score, in order' AFTER sentiment_slope,
    ADD COLUMN IF NOT EXISTS variants Array(LowCardinality(String)) COMMENT 'Experiments, experiment_id:variant, sorted' AFTER survey,
    ADD COLUMN IF NOT EXISTS cases Array(String) COMMENT 'Cases and tickets, in hex, sorted' AFTER variants,
    ADD COLUMN IF NOT EXISTS effort Float64 COMMENT 'Effort of the customer, 0 to 100' AFTER cases,
    ADD COLUMN IF NOT EXISTS friction_score Float64 COMMENT 'Friction of its hits together, 0 to 100' AFTER effort,
    ADD COLUMN IF NOT EXISTS hits Int64 COMMENT 'Hits of patterns in it' AFTER friction_score,
    ADD COLUMN IF NOT EXISTS top_pattern LowCardinality(String) COMMENT 'Pattern of the hit that weighs most; empty: no hit' AFTER hits;

-- What happened, and to whom? One row for each touchpoint shown. `published_person_id` is the id it was written under.
CREATE OR REPLACE VIEW touchpoints_v AS
SELECT
    if(empty(steps), t.person_id, steps[greatest(1, arrayCount(s -> s.1 <= t.event_time, steps))].2) AS person_id,
    t.person_id AS published_person_id,
    t.* EXCEPT (person_id, is_deleted)
FROM (SELECT * FROM touchpoints FINAL) AS t
LEFT JOIN alias_steps AS a ON a.alias = t.person_id;

-- Which journeys did people make, how did they end, and what were they like?
CREATE OR REPLACE VIEW journeys_v AS
SELECT
    if(empty(steps), t.person_id, steps[greatest(1, arrayCount(s -> s.1 <= t.started_at, steps))].2) AS person_id,
    t.person_id AS published_person_id,
    t.* EXCEPT (person_id, is_deleted)
FROM (SELECT * FROM journeys FINAL) AS t
LEFT JOIN alias_steps AS a ON a.alias = t.person_id;

-- What was a journey made of, in order? `position` counts from 1; touchpoints of no journey are left out.
CREATE OR REPLACE VIEW journey_touchpoints_v AS
SELECT
    journey_id,
    person_id,
    row_number() OVER (PARTITION BY journey_id ORDER BY event_time, source, event_id, key) AS position,
    event_time,
    channel,
    sub_channel,
    direction,
    name,
    outcome,
    task,
    intent,
    brand,
    location_id,
    step_name,
    error_code,
    source,
    event_id,
    key
FROM touchpoints_v
WHERE journey_id != '';
