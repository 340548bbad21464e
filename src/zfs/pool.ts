import type { DatasetName } from './dataset-name.ts';
import { ZferryError } from './failure.ts';
import { type Guid, parseGuid } from './guid.ts';

export type FeatureState = 'disabled' | 'enabled' | 'active';

export type Pool = {
  readonly name: DatasetName;
  readonly guid: Guid;
  readonly health: string;
  readonly readonly: boolean;
  /** By name without `feature@`; a feature that the software does not know is missing. */
  readonly features: ReadonlyMap<string, FeatureState>;
};

/** From `zpool get -Hp -o property,value all POOL`. @throws ZferryError `bad-output` */
export function parsePool(name: DatasetName, text: string): Pool {
  const values = new Map<string, string>();
  const features = new Map<string, FeatureState>();
  for (const line of text.split('\n')) {
    const [property = '', value = ''] = line.split('\t');
    if (!property.startsWith('feature@')) values.set(property, value);
    else if (isFeatureState(value)) features.set(property.slice('feature@'.length), value);
  }
  const guid = values.get('guid');
  if (guid === undefined) {
    throw new ZferryError({ code: 'bad-output', message: `Cannot read the properties of the pool ${name}` });
  }
  return {
    name,
    guid: parseGuid(guid),
    health: values.get('health') ?? 'UNKNOWN',
    readonly: values.get('readonly') === 'on',
    features,
  };
}

/** The feature can be used: enabled or active. */
export function hasFeature(pool: Pool, feature: string): boolean {
  const state = pool.features.get(feature);
  return state === 'enabled' || state === 'active';
}

function isFeatureState(text: string): text is FeatureState {
  return text === 'disabled' || text === 'enabled' || text === 'active';
}
