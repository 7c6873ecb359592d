"""What the quantized layers share."""
