"""Sessions and journeys of one person, and the timeline that folds touchpoints into rows."""
