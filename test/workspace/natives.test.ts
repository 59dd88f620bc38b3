import { Decoder, Encoder } from '@toondepauw/node-zstd';
import Database from 'libsql';
import * as ort from 'onnxruntime-node';
import { SerialPort } from 'serialport';

// y = x + x over three floats, opset 13.
const doubling = Buffer.from(
  'CAg6NQoOCgF4CgF4EgF5IgNBZGQSAWdaDwoBeBIKCggIARIECgIIA2IPCgF5EgoKCAgBEgQKAggDQgQKABAN',
  'base64',
);

// What fails here is a missing platform binary, or jest's own typed arrays (scripts/jest/environment.cjs).
test('ONNX Runtime runs a model inside jest', async () => {
  const session = await ort.InferenceSession.create(doubling);
  const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array([1, 2, 3]), [3]) });
  expect(y?.data).toEqual(new Float32Array([2, 4, 6]));
  expect(y?.data).toBeInstanceOf(Float32Array);
  await session.release();
});

test('libsql answers a query', () => {
  const database = new Database(':memory:');
  expect(database.prepare('select 6 * 7 as n').get()).toMatchObject({ n: 42 });
  database.close();
});

test('zstd gives back what it was given', () => {
  const bytes = Buffer.alloc(10_000, 'hilltop');
  const packed = new Encoder(3).encodeSync(bytes);
  expect(packed.length).toBeLessThan(bytes.length / 10);
  expect(new Decoder().decodeSync(packed)).toEqual(bytes);
});

test('the serial binding loads', async () => {
  // Opening what is not there reaches the native code and comes back with its error.
  const error = await new Promise<Error | null>((resolve) => {
    new SerialPort({ path: '/nonexistent', baudRate: 115200 }, resolve);
  });
  expect(error?.message).toContain('/nonexistent');
});
