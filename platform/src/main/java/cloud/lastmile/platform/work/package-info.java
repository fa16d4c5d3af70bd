/**
 * Work that survives the death of any process: jobs with undo, reconcilers, and the event outbox.
 *
 * <p>A {@link cloud.lastmile.platform.work.WorkNode} is this process's share in it. Services
 * register their sagas, reconcilers and subscribers before it starts.
 *
 * <p><b>Jobs</b>: {@code jobs.submit(handle, saga, serverId, state, requestId, projectId)} in the
 * transaction that accepts the request. The row is the truth: state and next step are saved after
 * each step; a {@code transaction} step is committed together with that save and takes effect
 * exactly once, a {@code step} has outside effects, may run again and must be idempotent. Jobs of
 * one key never run at once and run in the order of their submission.
 *
 * <p>A running job is leased. The leases of a killed process are taken over at once when a process
 * of the same node name starts, and by other nodes when they are no longer extended (30 s). A job
 * normally starts on the node that accepted it, with the lease taken in the same INSERT; it then
 * costs one statement and one commit for each step, and nothing polls.
 *
 * <p><b>Reconcilers</b> bring the outside in line with the database: {@code reconciler.mark(handle,
 * key)} in the transaction of the change, {@code await} after it where the answer must wait. Keys
 * due at once are reconciled in one call. <b>Events</b> are appended in the transaction of what
 * they tell of and reach each subscriber after it, at least once, in order per resource.
 */
package cloud.lastmile.platform.work;
