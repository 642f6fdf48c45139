"""What the pipeline costs, stage by stage, beside two baselines that do not change."""
