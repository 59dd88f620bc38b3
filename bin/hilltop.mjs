#!/usr/bin/env node
import '../cli/bin/hilltop.mjs';
