import { pendingGuid } from '../zfs/guid.ts';
import type { Point, Snapshot } from '../zfs/snapshot.ts';
import type { Conflict } from './conflict.ts';
import type { DatasetPlan } from './decision.ts';
import { placeText } from './place.ts';
import type { Remedy } from './remedy.ts';
import { plannedBytes } from './sizes.ts';
import type { SyncPlan } from './sync-plan.ts';
import { vanishedJson } from './vanished-text.ts';

/** The plan as plain data for machines. GUIDs are text; the GUID of a snapshot that is not taken yet is `null`. */
export function planJson(plan: SyncPlan) {
  return {
    source: placeText(plan.source),
    target: placeText(plan.target),
    replica: plan.id,
    snapshot:
      plan.snapshot.kind === 'none'
        ? { taken: false, reason: plan.snapshot.reason }
        : {
            taken: plan.snapshot.kind === 'taken',
            name: plan.snapshot.name,
            datasets: plan.snapshot.datasets,
          },
    unsnapshotted: plan.unsnapshotted,
    renames: plan.renames,
    promotes: plan.promotes,
    create: plan.parents,
    datasets: plan.datasets.map(datasetJson),
    excluded: plan.excluded,
    vanished: plan.vanished.map(vanishedJson),
    returned: plan.returned,
    direct: plan.direct,
    compress: plan.way.compress,
    filtered: { send: plan.way.filter.send !== undefined, receive: plan.way.filter.receive !== undefined },
    notes: plan.notes,
    warnings: plan.warnings,
    reserve: plan.reserve,
    faults: plan.faults.map(({ id, link, meaning, next }) => ({ id, link, meaning, next })),
    rotate: [...plan.rotate, ...plan.rotateCopies].map(([dataset, snapshots]) => ({ dataset, snapshots })),
    bytes: plannedBytes(plan),
  };
}

export function conflictJson(conflict: Conflict) {
  return {
    kind: conflict.kind,
    message: conflict.message,
    next: conflict.next,
    base: conflict.base
      ? { source: pointJson(conflict.base.source), target: pointJson(conflict.base.target) }
      : null,
    sourceOnly: conflict.sourceOnly.map(snapshotJson),
    targetOnly: conflict.targetOnly.map(snapshotJson),
    written: conflict.written,
    traces: conflict.traces.map(({ host, at, user, command }) => ({ host, at, user: user ?? null, command })),
    details: [...conflict.details].map(([name, { holds, clones }]) => ({ name, holds, clones })),
  };
}

export function snapshotJson(snapshot: Snapshot) {
  return { name: snapshot.name, guid: guidJson(snapshot) };
}

function datasetJson({ source, target, decision, letGo, replaces, remedies = [] }: DatasetPlan) {
  const names = {
    source,
    target,
    letGo: letGo ?? null,
    replaces: replaces === true,
    remedies: remedies.map(remedyJson),
  };
  switch (decision.kind) {
    case 'send':
      return {
        ...names,
        decision: 'send',
        base: decision.base ? pointJson(decision.base.source) : null,
        raw: decision.flags.raw,
        secrecy: decision.secrecy ?? null,
        properties: decision.properties,
        steps: decision.steps.map((step) => ({
          kind: step.stream.kind,
          from: step.stream.kind === 'full' || !step.stream.from ? null : pointJson(step.stream.from),
          to: pointJson(step.stream.to),
          snapshots: step.snapshots.map(snapshotJson),
          arrived: step.stream.kind === 'resume' ? step.stream.token.bytes : 0,
          bytes: step.bytes ?? null,
          reason: step.reason,
        })),
      };
    case 'left':
      return { ...names, decision: 'left', reason: decision.reason };
    case 'waits':
      return { ...names, decision: 'waits', reason: decision.reason, later: laterJson(decision.later) };
    case 'up-to-date':
      return { ...names, decision: 'nothing', reason: decision.reason };
    case 'blocked':
      return { ...names, decision: 'blocked', reason: decision.reason, next: decision.next };
    case 'refused':
      return { ...names, decision: 'refused', conflict: conflictJson(decision.conflict) };
  }
}

function laterJson(later: DatasetPlan | undefined): unknown {
  return later === undefined ? null : datasetJson(later);
}

export function remedyJson(remedy: Remedy) {
  const conflict = conflictJson(remedy.conflict);
  switch (remedy.kind) {
    case 'rename-snapshot':
      return { kind: remedy.kind, from: remedy.from, to: remedy.to, conflict };
    case 'rollback':
      return {
        kind: remedy.kind,
        to: pointJson(remedy.base.target),
        loses: remedy.loses.map(snapshotJson),
        written: remedy.written,
        conflict,
      };
    case 'set-aside':
      return {
        kind: remedy.kind,
        copy: remedy.copy,
        base: remedy.base ? pointJson(remedy.base.target) : null,
        conflict,
      };
  }
}

function pointJson(point: Point) {
  return { kind: point.kind, name: point.name, guid: guidJson(point) };
}

function guidJson(point: Point): string | null {
  return point.guid === pendingGuid ? null : point.guid;
}
