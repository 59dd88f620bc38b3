// A device of the MLPerf Tiny benchmark as a program: bytes of its serial line on standard input and output. Written from the description of
// that protocol alone, with what the reference firmware does beside it; it shares no line with the bridge. Argument: a JSON file with
// {vendor, model, inferUs, startUs, sharpness, centres: base64 of the bytes of each class, log}. Its clock is counted, not waited for.
import { appendFileSync, readFileSync, writeSync } from 'node:fs';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const centres = config.centres.map((text) => Buffer.from(text, 'base64'));

const COMMAND_SLOTS = 80;
const INPUT_BYTES = 27648;
const input = Buffer.alloc(INPUT_BYTES);
/** What lies in memory behind the input: written over by whoever sends too much. */
let trampled = 0;
let wanted = 0;
let filled = 0;
let us = config.startUs;
let outputs = [];
let slots = '';

const say = (line) => {
  const bytes = Buffer.from(`${line}\r\n`, 'latin1');
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
};
const note = (what, text) => appendFileSync(config.log, `${JSON.stringify([what, text])}\n`);
// An unsigned 32-bit counter.
const lap = () => say(`m-lap-us-${us % 4294967296}`);

/** Probabilities by distance to each class's centre. */
function classify() {
  const distances = centres.map((centre) => {
    let sum = 0;
    for (let i = 0; i < centre.length; i++) sum += (input[i] - centre[i]) ** 2;
    return sum / centre.length;
  });
  const least = Math.min(...distances);
  const weights = distances.map((distance) => Math.exp((least - distance) * config.sharpness));
  const total = weights.reduce((a, b) => a + b, 0);
  outputs = weights.map((weight) => weight / total);
}

// "0." and three digits, each by itself and cut off: 1.0 has ten tenths and comes out as 0.1000.
const digits = (p) => `0.${Math.floor(p * 10)}${Math.floor(p * 100) % 10}${Math.floor(p * 1000) % 10}`;
const results = () => say(`m-results-[${outputs.map(digits).join(',')}]`);

function infer(loops = '1', warmUps = '10') {
  const [n, w] = [Number.parseInt(loops, 10), Number.parseInt(warmUps, 10)];
  if (!(n > 0)) return say('e-[Inference iterations must be >0]');
  say(`m-warmup-start-${w}`);
  us += w * config.inferUs;
  say('m-warmup-done');
  say(`m-infer-start-${n}`);
  lap();
  us += n * config.inferUs;
  classify();
  lap();
  say('m-infer-done');
  results();
}

function load(size) {
  if (size === undefined) return say("e-[Command 'db load' requires the # of bytes]");
  wanted = Number.parseInt(size, 10);
  filled = 0;
  // No prefix, and the size is kept all the same.
  if (wanted > INPUT_BYTES) return say(`Supplied buffer size ${wanted} exceeds maximum of ${INPUT_BYTES}`);
  say(`m-[Expecting ${wanted} bytes]`);
}

function print() {
  let line = 'm-buffer';
  for (let i = 0; i < wanted; i++) {
    line += `-${input[i].toString(16).padStart(2, '0')}`;
    if (i % 8 === 7) {
      say(line);
      line = 'm-buffer';
    }
  }
  if (wanted % 8 !== 0) {
    say(line);
    say('');
  }
}

function write(text) {
  if (text.length % 2) return say('e-[Insufficent number of hex digits]');
  for (let i = 0; i < text.length; i += 2) {
    const pair = text.slice(i, i + 2);
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) return say(`e-[Invalid hex digit '${pair}']`);
    if (filled < INPUT_BYTES) input[filled] = Number.parseInt(pair, 16);
    else note('trampled', ++trampled);
    // What is behind the last byte in this line is dropped; a later line goes on writing.
    if (++filled === wanted) return say('m-load-done');
  }
}

function obey(line) {
  note('command', line);
  const words = line.split(' ').filter(Boolean);
  // The reference passes strtok's null pointer on.
  if (words.length === 0) process.kill(process.pid, 'SIGSEGV');
  const [verb, first, second] = words;
  if (verb === 'name') say(`m-name-dut-[${config.vendor}]`);
  else if (verb === 'profile') {
    say('m-profile-[ULPMark for tinyML Firmware V0.0.1]');
    say(`m-model-[${config.model}]`);
  } else if (verb === 'timestamp') lap();
  else if (verb === 'infer') infer(first, second);
  else if (verb === 'results') results();
  else if (verb === 'help') say(`${config.vendor}: name, profile, timestamp, db, infer, results`);
  else if (verb !== 'db') say(`e-[Unknown command: ${verb}]`);
  else if (first === undefined) say("e-[Command 'db' requires a subcommand]");
  else if (first === 'load') load(second);
  else if (first === 'print') print();
  else write(first);
  say('m-ready');
}

process.stdin.on('data', (chunk) => {
  for (const byte of chunk) {
    const char = String.fromCharCode(byte);
    if (char === '%') {
      const line = slots;
      slots = '';
      obey(line);
    } else slots = (slots.length < COMMAND_SLOTS ? slots : slots.slice(0, -1)) + char;
  }
});

say('m-timestamp-mode-performance');
lap();
say('m-init-done');
say('m-ready');
