// The console's page. It shows what the REST contract answers and nothing else; every text goes in
// as a text node, and a refresh changes only what differs, so that nothing flickers, keeps its
// focus and its scroll position.
'use strict';

const API = '/api/v1/tiered';
const REMOTE = '/api/v1/remote';
const REFRESH_MILLIS = 2000;
const POLL_MILLIS = 400;
const MIB = 1024 * 1024;
const MAX_READ_TOPICS = 10;
const STATE_NAMES = { remoteonly: 'remote only' };
const POLICY_COUNTS = [['due', 'Due'], ['reclassified', 'New tier'], ['archived', 'Archived'],
  ['reclaimed', 'Freed here'], ['failed', 'Failed'], ['deferred', 'Put off']];
const DONE = { archive: 'Archived', restore: 'Restored' };

const byId = id => document.getElementById(id);
const afterOf = [null]; // what came before each page that was opened, the current one last
const pending = new Map(); // segment path → what is under way
const bucketAfter = [null]; // the same for the pages of the bucket's listing
let bucketNext = null;
let counting = false;
let nextAfter = null;
let generation = 0; // an answer to an older question is dropped

function setText(node, text) {
  const value = String(text);
  if (node.textContent !== value) node.textContent = value;
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
  return (unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)) + ' ' + units[unit];
}

function age(seconds) {
  if (seconds < 60) return seconds + ' s';
  if (seconds < 3600) return Math.floor(seconds / 60) + ' min';
  if (seconds < 86400) return (seconds / 3600).toFixed(1) + ' h';
  return (seconds / 86400).toFixed(1) + ' d';
}

const TIME = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false };
const time = iso => new Date(iso).toLocaleString([], TIME);
const humanTimes = text => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, time);
const firstSentence = text => text.replace(/\. .*$/, '.');
const stateName = state => STATE_NAMES[state] || state;

async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.title + ': ' + body.detail);
  return body;
}

const send = (method, path, body) => call(path, {
  method,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body)
});
const post = (path, body) => send('POST', path, body);

function say(text, kind) {
  byId('message').dataset.kind = kind || '';
  setText(byId('message'), text);
}

function fillPairs(list, pairs) {
  while (list.children.length > pairs.length * 2) list.lastElementChild.remove();
  pairs.forEach(([name, value], index) => {
    if (list.children.length <= index * 2) list.append(element('dt'), element('dd'));
    setText(list.children[index * 2], name);
    setText(list.children[index * 2 + 1], value);
  });
}

function showStats(stats) {
  const total = stats.total_segments;
  for (const tier of ['hot', 'warm', 'cold']) {
    const count = stats[tier + '_segments'];
    setText(byId(tier), count.toLocaleString());
    byId('bar-' + tier).style.flexGrow = total === 0 ? 0 : count / total;
  }
  byId('tier-bar').setAttribute('aria-label', 'Of ' + total + ' segments, ' + stats.hot_segments
    + ' are hot, ' + stats.warm_segments + ' warm and ' + stats.cold_segments + ' cold');
  setText(byId('total'), total.toLocaleString());
  const deleted = stats.states.deleting;
  setText(byId('archived'), stats.archived_segments.toLocaleString() + ' only in the bucket'
    + (deleted ? ', ' + deleted.toLocaleString() + ' deleted and not removed yet' : ''));

  const largest = Math.max(stats.total_size_bytes, 1);
  const sizes = { total: stats.total_size_bytes, local: stats.local_bytes,
    remote: stats.remote_bytes, restored: stats.restored_bytes };
  for (const [name, value] of Object.entries(sizes)) {
    setText(byId('bytes-' + name), bytes(value));
    byId('meter-' + name).style.width = Math.min(100, 100 * value / largest) + '%';
  }

  showStore(stats);
  setText(byId('writer'), stats.writer.state === 'stopped' ? 'stopped: ' + stats.writer.problem
    : stats.writer.state === 'waiting' ? 'waits for the store' : 'as epoch ' + stats.writer.epoch);
  const quarantined = Object.entries(stats.quarantined_segments).filter(([, count]) => count > 0);
  setText(byId('quarantined'), quarantined.length === 0 ? 'none'
    : quarantined.map(([stage, count]) => count.toLocaleString() + ' at ' + stage).join(', ')
      + '; see takhin quarantine');

  setText(byId('under-way'), stats.operations_under_way + (stats.unfinished_segments === 0 ? ''
    : ', and ' + stats.unfinished_segments + ' broken off'));
  fillPairs(byId('policy'), POLICY_COUNTS.map(([field, label]) =>
    [label, stats.last_policy_run[field].toLocaleString()]));
  showStates(Object.keys(stats.states));
}

function showStore(stats) {
  const health = stats.store_health;
  byId('store').dataset.state = health.reachable ? 'up' : 'down';
  setText(byId('store-text'), (health.reachable ? 'Store reachable' : 'Store unreachable')
    + ' since ' + time(health.since));
  setText(byId('uploaded'), bytes(stats.s3_bytes_uploaded));
  setText(byId('downloaded'), bytes(stats.s3_bytes_downloaded));
  const requests = Object.entries(stats.s3_requests).filter(([, count]) => count > 0);
  setText(byId('requests'), requests.length === 0 ? 'none'
    : requests.map(([name, count]) => name + ' ' + count.toLocaleString()).join(', '));
  setText(byId('last-error'), health.last_error || 'none');
}

function showDisk(disk, stats) {
  setText(byId('disk-used'), bytes(disk.used_bytes) + ' of ' + bytes(disk.total_bytes));
  byId('meter-disk').style.width = Math.min(100, disk.used_percent) + '%';
  setText(byId('gap-bytes'), stats.gaps === 0 ? 'nothing'
    : bytes(stats.gap_bytes) + ' in ' + stats.gaps.toLocaleString() + ' gaps');
  setText(byId('disk-forecast'), 'policy ' + disk.policy + (disk.seconds_to_full === null
    ? ', disk not growing' : ', disk full in ' + age(disk.seconds_to_full)));
}

function showStates(names) {
  const select = byId('state');
  if (select.options.length > 1) return;
  for (const name of names) select.add(new Option(stateName(name), name));
}

// One row for each item, in their order; a row stays that of its item.
function fillRows(body, items, keyOf, create, fill) {
  const known = new Map([...body.children].map(row => [row.dataset.key, row]));
  items.forEach((item, index) => {
    const key = String(keyOf(item));
    const row = known.get(key) || create(item);
    row.dataset.key = key;
    known.delete(key);
    fill(row, item);
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] || null);
  });
  for (const row of known.values()) row.remove();
}

function newRow({ segment_path: path }) {
  const row = element('tr');
  const name = element('td');
  const open = element('button', 'link', path);
  open.type = 'button';
  open.setAttribute('aria-haspopup', 'dialog');
  open.addEventListener('click', () => showDetail(path));
  name.append(open);
  const tier = element('td');
  tier.append(element('span', 'badge'));
  const action = element('td');
  const button = element('button');
  button.type = 'button';
  button.addEventListener('click', () => move(button.dataset.kind, path));
  action.append(button);
  row.append(name, tier, element('td'), element('td', 'number'), element('td', 'number'),
    element('td', 'number'), element('td', 'next'), action);
  return row;
}

function actionFor(state) {
  if (state === 'remoteonly') return 'restore';
  return state === 'local' || state === 'archived' || state === 'restored' ? 'archive' : null;
}

function fillRow(row, segment) {
  const cells = row.children;
  const badge = cells[1].firstChild;
  if (badge.className !== 'badge ' + segment.policy) badge.className = 'badge ' + segment.policy;
  setText(badge, segment.policy);
  setText(cells[2], stateName(segment.state));
  setText(cells[3], bytes(segment.size_bytes));
  setText(cells[4], segment.base_offset.toLocaleString() + ' – ' + segment.end_offset.toLocaleString());
  setText(cells[5], age(segment.age_seconds));
  setText(cells[6], humanTimes(firstSentence(segment.explanation.next)));
  const button = cells[7].firstChild;
  const kind = actionFor(segment.state);
  const running = pending.get(segment.segment_path);
  button.hidden = !kind && !running;
  button.disabled = Boolean(running);
  button.dataset.kind = kind || '';
  setText(button, running ? running + '…' : kind === 'restore' ? 'Restore' : 'Archive');
  button.setAttribute('aria-label', (kind || '') + ' ' + segment.segment_path);
}

function showSegments(listing) {
  fillRows(byId('rows'), listing.segments, segment => segment.segment_path, newRow, fillRow);
  nextAfter = listing.next;
  byId('empty').hidden = listing.segments.length > 0 || listing.next !== null;
  byId('next').disabled = listing.next === null;
  byId('previous').disabled = afterOf.length === 1;
  setText(byId('page'), 'Page ' + afterOf.length);
}

const amplification = costs => costs.amplification === null ? '–' : costs.amplification.toFixed(2);

function hitRatio(costs) {
  const asked = costs.hits + costs.misses;
  return asked === 0 ? '–' : (100 * costs.hits / asked).toFixed(1) + '%';
}

function newReadRow() {
  const row = element('tr');
  row.append(element('td'));
  for (let cell = 0; cell < 5; cell++) row.append(element('td', 'number'));
  return row;
}

function fillReadRow(row, [topic, costs]) {
  [topic, bytes(costs.served_bytes), bytes(costs.fetched_bytes), amplification(costs), hitRatio(costs),
    (costs.longest_wait_millis / 1000).toFixed(2) + ' s']
    .forEach((text, cell) => setText(row.children[cell], text));
}

function showReads(reads) {
  fillPairs(byId('reads'), [
    ['Hit ratio', hitRatio(reads.total)],
    ['Read amplification', amplification(reads.total)],
    ['Cached', bytes(reads.cached_bytes) + ' of ' + bytes(reads.cache_budget_bytes)]
  ]);
  const dearest = Object.entries(reads.topics)
    .sort(([, one], [, other]) => other.fetched_bytes - one.fetched_bytes)
    .slice(0, MAX_READ_TOPICS);
  fillRows(byId('read-rows'), dearest, ([topic]) => topic, newReadRow, fillReadRow);
  byId('read-topics').hidden = dearest.length === 0;
  byId('no-reads').hidden = dearest.length > 0;
}

function newTransferRow(transfer) {
  const row = element('tr');
  const progress = element('td', 'progress');
  const meter = element('div', 'meter');
  meter.setAttribute('role', 'progressbar');
  meter.setAttribute('aria-label', transfer.direction + ' of ' + transfer.key);
  meter.setAttribute('aria-valuemin', '0');
  meter.setAttribute('aria-valuemax', '100');
  meter.append(element('span', transfer.direction));
  progress.append(meter);
  const action = element('td');
  const button = element('button', '', 'Cancel');
  button.type = 'button';
  button.setAttribute('aria-label', 'cancel the ' + transfer.direction + ' of ' + transfer.key);
  button.addEventListener('click', () => cancelTransfer(transfer, button));
  action.append(button);
  row.append(element('td', 'key', transfer.key), element('td', '', transfer.direction),
    element('td', 'next'), progress, element('td', 'number'), element('td', 'number'),
    element('td', 'number'), action);
  return row;
}

function fillTransferRow(row, transfer) {
  const cells = row.children;
  setText(cells[2], transfer.reason + (transfer.priority === 'foreground' ? ', somebody waits' : ''));
  const meter = cells[3].firstChild;
  meter.setAttribute('aria-valuenow', transfer.percent);
  meter.firstChild.style.width = transfer.percent + '%';
  setText(cells[4], bytes(transfer.done_bytes) + ' of ' + bytes(transfer.total_bytes));
  setText(cells[5], bytes(transfer.bytes_per_second) + '/s');
  setText(cells[6], transfer.eta_seconds === null ? '–' : age(transfer.eta_seconds));
}

function showTransfers(transfers) {
  fillRows(byId('transfer-rows'), transfers, transfer => transfer.id, newTransferRow, fillTransferRow);
  byId('transfers').hidden = transfers.length === 0;
  byId('no-transfers').hidden = transfers.length > 0;
}

function sayOfTransfers(text, kind) {
  byId('transfers-message').dataset.kind = kind || '';
  setText(byId('transfers-message'), text);
}

async function cancelTransfer(transfer, button) {
  button.disabled = true;
  try {
    await call(API + '/transfers/' + transfer.id, { method: 'DELETE' });
    sayOfTransfers('Cancelled the ' + transfer.direction + ' of ' + transfer.key + '.', 'good');
  } catch (failure) {
    sayOfTransfers('Could not cancel ' + transfer.key + '. ' + failure.message, 'bad');
  } finally {
    refresh();
  }
}

const limitInputs = () => [[byId('limit-upload'), 'upload_bytes_per_second'],
  [byId('limit-download'), 'download_bytes_per_second']];

// What is being typed is left alone until it is applied.
function showLimits(limits) {
  if (byId('limits').contains(document.activeElement)) return;
  for (const [input, field] of limitInputs()) {
    const shown = String(+(limits[field] / MIB).toFixed(3));
    if (input.value !== shown) input.value = shown;
  }
}

async function applyLimits(event) {
  event.preventDefault();
  const wanted = {};
  for (const [input, field] of limitInputs()) wanted[field] = Math.round(input.valueAsNumber * MIB);
  try {
    const limits = await send('PUT', API + '/limits', wanted);
    if (document.activeElement) document.activeElement.blur();
    showLimits(limits);
    sayOfTransfers('The limits hold from now on, until the next start.', 'good');
  } catch (failure) {
    sayOfTransfers('The limits were not changed. ' + failure.message, 'bad');
  }
}

function segmentsQuery() {
  const query = new URLSearchParams({ limit: byId('limit').value });
  const after = afterOf[afterOf.length - 1];
  if (after) query.set('after', after);
  for (const name of ['topic', 'tier', 'state']) {
    const value = byId(name).value.trim();
    if (value) query.set(name, value);
  }
  return API + '/segments?' + query;
}

function newCallRow() {
  const row = element('tr');
  row.append(element('td'));
  for (let cell = 0; cell < 4; cell++) row.append(element('td', 'number'));
  return row;
}

function fillCallRow(row, [name, calls]) {
  const all = calls.done + calls.absent + calls.failed;
  [name, calls.done.toLocaleString(), calls.absent.toLocaleString(), calls.failed.toLocaleString(),
    all === 0 ? '–' : (calls.millis / all).toFixed(1) + ' ms']
    .forEach((text, cell) => setText(row.children[cell], text));
}

function showRemoteStats(stats) {
  showStore(stats);
  setText(byId('remote-bucket'), stats.bucket);
  setText(byId('remote-prefix'), stats.prefix + '/');
  setText(byId('remote-broker'), stats.broker_id);
  setText(byId('remote-pending'), stats.deletes_pending.toLocaleString() + ' segments');
  fillRows(byId('call-rows'), Object.entries(stats.calls), ([name]) => name, newCallRow, fillCallRow);
}

function newTopicRow({ topic }) {
  const row = element('tr');
  const name = element('td');
  const open = element('button', 'link', topic);
  open.type = 'button';
  open.addEventListener('click', () => { byId('bucket-topic').value = topic; firstBucketPage(); });
  name.append(open);
  row.append(name, element('td', 'key'), element('td', 'number'), element('td', 'number'), element('td', 'number'));
  return row;
}

function fillTopicRow(row, topic) {
  [topic.topic_id, topic.segments.toLocaleString(), topic.unfinished.toLocaleString(), bytes(topic.bytes)]
    .forEach((text, cell) => setText(row.children[cell + 1], text));
}

// Goes through the whole listing, one bounded stretch after the other, until the end or until it is
// asked to stop.
async function countTopics() {
  if (counting) { counting = false; return; }
  counting = true;
  setText(byId('count-topics'), 'Stop');
  const sums = new Map();
  let requests = 0;
  let after = null;
  try {
    do {
      const stretch = await call(REMOTE + '/topics' + (after ? '?' + new URLSearchParams({ after }) : ''));
      for (const topic of stretch.topics) {
        const sum = sums.get(topic.topic_id) || { ...topic, segments: 0, unfinished: 0, bytes: 0 };
        for (const field of ['segments', 'unfinished', 'bytes']) sum[field] += topic[field];
        sums.set(topic.topic_id, sum);
      }
      requests += stretch.requests;
      after = stretch.next;
      fillRows(byId('topic-rows'), [...sums.values()], topic => topic.topic_id, newTopicRow, fillTopicRow);
      byId('topics').hidden = sums.size === 0;
      setText(byId('count-state'), (after ? 'so far, ' : 'all of it, ') + sums.size.toLocaleString()
        + ' topics, ' + requests.toLocaleString() + ' requests');
    } while (after && counting);
  } catch (failure) {
    setText(byId('count-state'), 'Not counted to the end. ' + failure.message);
  } finally {
    counting = false;
    setText(byId('count-topics'), 'Count by topic');
  }
}

function newCopyRow() {
  const row = element('tr');
  row.append(element('td'), element('td', 'number'), element('td'), element('td', 'number'),
    element('td', 'number'), element('td'), element('td', 'key'));
  return row;
}

function fillCopyRow(row, segment) {
  [segment.topic + '-' + segment.partition, segment.base_offset.toLocaleString(),
    segment.complete ? 'complete' : 'unfinished', bytes(segment.log_bytes), bytes(segment.bytes),
    time(segment.last_modified), segment.object_key]
    .forEach((text, cell) => setText(row.children[cell], text));
}

async function listBucket() {
  const query = new URLSearchParams({ limit: 100 });
  const after = bucketAfter[bucketAfter.length - 1];
  if (after) query.set('after', after);
  const topic = byId('bucket-topic').value.trim();
  if (topic) query.set('topic', topic);
  try {
    const listing = await call(REMOTE + '/segments?' + query);
    fillRows(byId('copy-rows'), listing.segments, segment => segment.object_key, newCopyRow, fillCopyRow);
    bucketNext = listing.next;
    byId('copies').hidden = listing.segments.length === 0;
    byId('bucket-next').disabled = listing.next === null;
    byId('bucket-previous').disabled = bucketAfter.length === 1;
    setText(byId('bucket-page'), 'Page ' + bucketAfter.length);
    byId('bucket-message').dataset.kind = '';
    setText(byId('bucket-message'), listing.segments.length.toLocaleString() + ' segments, '
      + listing.requests.toLocaleString() + ' requests' + (listing.next ? ', more follow' : ''));
  } catch (failure) {
    byId('bucket-message').dataset.kind = 'bad';
    setText(byId('bucket-message'), 'Not listed. ' + failure.message);
  }
}

function firstBucketPage() {
  bucketAfter.length = 1;
  listBucket();
}

const besideArchiver = () => document.body.dataset.beside === 'archiver';

async function askAll() {
  const common = [call(API + '/reads'), call(API + '/transfers'), call(API + '/limits')];
  const own = besideArchiver()
    ? [call(API + '/stats'), call(segmentsQuery()), call(API + '/disk'), call(API + '/sweep'), call(API + '/verify')]
    : [call(REMOTE + '/stats')];
  const answers = await Promise.all([...common, ...own]);
  return { common: answers.slice(0, common.length), own: answers.slice(common.length) };
}

function showOwn([stats, listing, disk, sweep, verify]) {
  if (!besideArchiver()) {
    showRemoteStats(stats);
    return;
  }
  showStats(stats);
  showDisk(disk, stats);
  showSweep(sweep);
  showVerify(verify);
  showSegments(listing);
}

async function refresh() {
  const asked = ++generation;
  try {
    if (document.body.dataset.beside === 'unknown') {
      document.body.dataset.beside = (await call('/api/v1/console')).beside;
    }
    const { common: [reads, travelling, limits], own } = await askAll();
    if (asked !== generation) return;
    showReads(reads);
    showTransfers(travelling.transfers);
    showLimits(limits);
    showOwn(own);
    if (byId('message').dataset.source === 'refresh') {
      delete byId('message').dataset.source;
      say('');
    }
  } catch (failure) {
    if (asked !== generation) return;
    say('Not refreshed: ' + failure.message, 'bad');
    if (!besideArchiver()) setText(byId('store-text'), 'Not refreshed: ' + failure.message);
    byId('message').dataset.source = 'refresh';
  }
}

async function ended(operation) {
  let seen = operation;
  while (seen.state === 'running') {
    await new Promise(resolve => setTimeout(resolve, POLL_MILLIS));
    seen = await call(API + '/operations/' + encodeURIComponent(operation.operation_id));
  }
  if (seen.state === 'failed') throw new Error(seen.problem.title + ': ' + seen.problem.detail);
  return seen.result;
}

async function move(kind, path) {
  pending.set(path, kind === 'archive' ? 'Archiving' : 'Restoring');
  say(pending.get(path) + ' ' + path + '…');
  try {
    refresh();
    const segment = await ended(await post(API + '/' + kind + '?wait=false', { segment_path: path }));
    say(DONE[kind] + ' ' + path + ': now ' + stateName(segment.state) + '. '
      + humanTimes(segment.explanation.why), 'good');
  } catch (failure) {
    say('Could not ' + kind + ' ' + path + '. ' + failure.message, 'bad');
  } finally {
    pending.delete(path);
    refresh();
  }
}

async function runPolicy() {
  const button = byId('run-policy');
  button.disabled = true;
  say('Policy run under way…');
  try {
    const run = await ended(await post(API + '/policy/run?wait=false', {}));
    say('Policy run: ' + run.due + ' due, ' + run.archived + ' archived, ' + run.reclaimed
      + ' freed, ' + run.failed + ' failed.', run.failed > 0 ? 'bad' : 'good');
  } catch (failure) {
    say('The policy run failed. ' + failure.message, 'bad');
  } finally {
    button.disabled = false;
    refresh();
  }
}

function showSweep(sweep) {
  byId('no-sweep').hidden = sweep.plan !== null;
  if (sweep.plan === null) return;
  const plan = sweep.plan;
  const last = sweep.result;
  fillPairs(byId('sweep'), [
    ['Without an owner', plan.orphans.toLocaleString() + ', ' + bytes(plan.orphan_bytes)],
    ['Too young to tell', plan.young.toLocaleString()],
    ['Segments unknown here', plan.unclaimed_manifests.toLocaleString()],
    ['Written by others', plan.foreign.toLocaleString()],
    ['Looked', time(plan.planned_at)],
    ['Last sweep', last === null ? 'none yet' : (last.removed_objects + last.aborted_uploads).toLocaleString()
      + ' removed, ' + last.retained.toLocaleString() + ' retained']
  ]);
}

async function planSweep() {
  const button = byId('plan-sweep');
  button.disabled = true;
  try {
    showSweep(await ended(await post(API + '/sweep?wait=false&dry_run=true', {})));
  } catch (failure) {
    say('Could not look for leftovers. ' + failure.message, 'bad');
  } finally {
    button.disabled = false;
    refresh();
  }
}

function showVerify(verify) {
  const background = verify.background;
  const report = verify.running || verify.last;
  fillPairs(byId('verify'), [
    ['Background', background.interval_hours === 0 ? 'off' : 'level ' + background.level
      + (background.at ? ', in ' + background.at : '')
      + (background.waiting_for ? ', stands still: ' + background.waiting_for : '')],
    ['Last whole round', background.last_ended_at === null ? 'none yet'
      : time(background.last_ended_at) + ', ' + background.last_findings.toLocaleString() + ' findings'],
    ['Last asked', report === null ? 'none since the start' : 'level ' + report.level + ', '
      + report.segments_checked.toLocaleString() + ' of ' + report.segments_total.toLocaleString()
      + ' segments, ' + report.findings_total.toLocaleString() + ' findings, '
      + report.unrepaired.toLocaleString() + ' not repaired'
      + (report.problem ? '. It ended early: ' + report.problem : '')]
  ]);
  const seen = report || background.report;
  byId('verify-findings').replaceChildren(...(seen === null ? [] : seen.findings.slice(0, 10))
    .map(found => {
      const line = element('li');
      setText(line, found.kind + ': ' + found.where + ', expected ' + found.expected + ', got '
        + found.actual + ' (' + found.outcome + ')');
      return line;
    }));
}

async function verifyNow() {
  const button = byId('verify-run');
  button.disabled = true;
  say('Verification under way…');
  try {
    const report = await ended(await post(API + '/verify?wait=false', { level: 1 }));
    say('Verified ' + report.segments_checked.toLocaleString() + ' segments: '
      + report.findings_total.toLocaleString() + ' findings.', report.clean ? 'good' : 'bad');
  } catch (failure) {
    say('The verification failed. ' + failure.message, 'bad');
  } finally {
    button.disabled = false;
    refresh();
  }
}

async function showDetail(path) {
  try {
    const segment = await call(API + '/segments/' + path);
    setText(byId('detail-title'), path);
    setText(byId('detail-why'), humanTimes(segment.explanation.why + ' ' + segment.explanation.next));
    fillPairs(byId('detail-fields'), [
      ['Tier', segment.policy],
      ['State', stateName(segment.state)],
      ['Size', bytes(segment.size_bytes) + ' (' + segment.size_bytes.toLocaleString() + ' bytes)'],
      ['Offsets', segment.base_offset.toLocaleString() + ' up to, not including, ' + segment.end_offset.toLocaleString()],
      ['Newest record', segment.max_timestamp ? time(segment.max_timestamp) : 'unknown'],
      ['Last write', time(segment.last_modified)],
      ['Last access', time(segment.last_access)],
      ['Archived', segment.archived_at ? time(segment.archived_at) : 'no'],
      ['Object', segment.object_key || 'none'],
      ['Checksum', segment.checksum || 'none'],
      ['Manifest', segment.manifest_key || 'none'],
      ['Files', segment.files.map(file => file.kind + ' ' + bytes(file.size_bytes)).join(', ') || 'none in the bucket']
    ]);
    byId('detail').showModal();
  } catch (failure) {
    say(failure.message, 'bad');
  }
}

function firstPage() {
  afterOf.length = 1;
  refresh();
}

byId('filters').addEventListener('submit', event => { event.preventDefault(); firstPage(); });
for (const id of ['tier', 'state', 'limit']) byId(id).addEventListener('change', firstPage);
let typing = 0;
byId('topic').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(firstPage, 300);
});
byId('next').addEventListener('click', () => { if (nextAfter) { afterOf.push(nextAfter); refresh(); } });
byId('previous').addEventListener('click', () => { if (afterOf.length > 1) { afterOf.pop(); refresh(); } });
byId('limits').addEventListener('submit', applyLimits);
byId('run-policy').addEventListener('click', runPolicy);
byId('plan-sweep').addEventListener('click', planSweep);
byId('verify-run').addEventListener('click', verifyNow);
byId('detail-close').addEventListener('click', () => byId('detail').close());
byId('count-topics').addEventListener('click', countTopics);
byId('bucket-filters').addEventListener('submit', event => { event.preventDefault(); firstBucketPage(); });
byId('bucket-next').addEventListener('click', () => {
  if (bucketNext) { bucketAfter.push(bucketNext); listBucket(); }
});
byId('bucket-previous').addEventListener('click', () => {
  if (bucketAfter.length > 1) { bucketAfter.pop(); listBucket(); }
});
byId('auto').addEventListener('change', refresh);

async function keepFresh() {
  if (byId('auto').checked && document.visibilityState === 'visible') await refresh();
  setTimeout(keepFresh, REFRESH_MILLIS);
}
keepFresh();
