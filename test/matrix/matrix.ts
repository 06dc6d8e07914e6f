import { test } from 'vitest';
import { createMatrix, type Stage } from '../../src/testing/index.js';
import type { Where } from '../../src/testing/matrix.js';
import type { RequirementId } from '../requirements.js';

/** Where a sentence has to hold, and which rows of the specification it shows. */
export interface CitingWhere extends Where {
  readonly cites?: readonly RequirementId[];
}

interface CitingMatrix {
  (sentence: string, body: (stage: Stage) => Promise<void>): void;
  (sentence: string, where: CitingWhere, body: (stage: Stage) => Promise<void>): void;
}

/** Runs a body for each transport and era where its sentence has to hold. */
export const matrix: CitingMatrix = createMatrix({ test });
