#!/usr/bin/env node
import '../agent/bin/hilltop-agent.cjs';
