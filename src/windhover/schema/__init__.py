"""What flows between the rooms: arrays (`batches`), structs (`place`, `reports`, `cases`), and the
unions that go in (`commands`) and come out (`events`)."""
