"""What a careful analyst says about a sample and its fit."""
