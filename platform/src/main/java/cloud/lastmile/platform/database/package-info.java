/**
 * PostgreSQL, from the server to the list query.
 *
 * <p>{@link cloud.lastmile.platform.database.embedded.EmbeddedPostgres} runs a server of our own;
 * {@link cloud.lastmile.platform.database.DatabaseUrl} names that one or any other. {@link
 * cloud.lastmile.platform.database.Database} is the pool: {@code read} for queries, {@code
 * transact} and {@code change} for all that writes. A store is a class with SQL in text blocks and
 * a {@code Handle} as the first parameter of each method, so that several stores share one
 * transaction:
 *
 * <pre>{@code
 * database.change(handle -> {
 *   quotas.reserve(handle, projectId, "network", 1);
 *   networkStore.insert(handle, network);
 *   networkReconciler.mark(handle, network.id());
 * });
 * }</pre>
 *
 * <p>Guarantees: a transaction is durable when {@code transact} returns; work may run several times
 * but takes effect once; an outage shorter than five seconds is not seen by requests, a longer one
 * is a 503. {@code Database.violated} turns a constraint's name into a conflict.
 *
 * <p>Each service owns a schema, its name is written in every statement ({@code network.port}), and
 * no statement touches two services' schemas. {@link cloud.lastmile.platform.database.Migrations}
 * applies {@code db/<schema>/V001__what.sql}. {@link cloud.lastmile.platform.database.ListQuery} is
 * every list: filters, sort keys, markers and limits in exactly one statement.
 */
package cloud.lastmile.platform.database;
