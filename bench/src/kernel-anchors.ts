import type { KernelName } from './kernel-shapes.js';

/** Processors CMSIS-NN was counted on, by the names the firmware gives itself. */
export type AnchorCpu = 'cortex-m0plus' | 'cortex-m3' | 'cortex-m4' | 'cortex-m7';

/** What the figures of `cmsisNn` are. */
export const anchorSource =
  'CMSIS-NN 99f736a (its s8 kernels, double rounding as is its default), arm-none-eabi-gcc 12.2.1 -O3, the same layers on the same emulators: QEMU 7.2 -icount shift=5, rp2040js 1.4.1; counted 2026-11-24';

/** Whole layers, of kernelShapes: instructions, on the Cortex-M0+ cycles. */
export const cmsisNn: Readonly<Record<AnchorCpu, Readonly<Record<KernelName, number>>>> = {
  'cortex-m0plus': { conv: 6_265_559, dense: 140_934, depthwise: 2_029_406 },
  'cortex-m3': { conv: 1_967_775, dense: 57_878, depthwise: 371_888 },
  'cortex-m4': { conv: 1_373_168, dense: 34_084, depthwise: 336_498 },
  'cortex-m7': { conv: 1_377_726, dense: 34_105, depthwise: 332_254 },
};
