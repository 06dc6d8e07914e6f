/**
 * fast-check as all properties use it: with the same cases each time, so that what fails is what was
 * changed. `PROPERTY_SEED=2 npx vitest run --project=unit` tries others.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 1) });

export { fc };
