"""What makes or changes weights; needs the extra `train`, and the server never imports it."""
