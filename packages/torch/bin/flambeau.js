#!/usr/bin/env node
// The command `flambeau`; what it does is in src/cli.
import "../dist/lib/cli.js";
