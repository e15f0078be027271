"""Real SIP phones, each a baresip of its own, for the demo, the doctor and the stories."""
