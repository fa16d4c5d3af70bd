package cloud.lastmile.network.port;

import cloud.lastmile.network.address.Ip;
import cloud.lastmile.network.address.Pool;
import cloud.lastmile.network.common.Errors;
import cloud.lastmile.network.subnetmodel.Subnet;
import cloud.lastmile.platform.database.Database;
import cloud.lastmile.platform.database.Sql;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jdbi.v3.core.Handle;

/**
 * Gives addresses to ports. The primary key of {@code ip_allocation} decides who gets one, so that
 * any number of nodes may ask at once.
 *
 * <p>A free address is first guessed: one statement tries a handful at random, and since two
 * requests seldom guess alike, none waits for another's commit. Only when the guesses are all taken
 * is the first gap looked for, and only when there is none is the subnet full.
 */
public final class Addresses {
  private static final int GUESSES = 12;

  /** Small numbers are easier to read; most subnets never get beyond. */
  private static final long NEAR = 2048;

  private static final Sql TAKE =
      Sql.of(
          """
          INSERT INTO network.ip_allocation (subnet_id, address, port_id)
          SELECT :subnet, c.address, :port
          FROM unnest(CAST(:candidates AS inet[])) WITH ORDINALITY AS c (address, place)
          WHERE NOT EXISTS (SELECT FROM network.ip_allocation a
            WHERE a.subnet_id = :subnet AND a.address = c.address)
          ORDER BY c.place LIMIT 1
          ON CONFLICT DO NOTHING
          RETURNING host(address)\
          """);

  private Addresses() {}

  /** Takes any free address of the subnet's pools; empty if there is none. */
  static Optional<Ip> takeAny(Handle handle, Subnet subnet, UUID port) {
    Optional<Ip> guessed = takeFirst(handle, subnet, port, guesses(subnet.pools()));
    return guessed.isPresent() ? guessed : takeLowest(handle, subnet, port);
  }

  /** Takes the lowest free address; empty if there is none. */
  static Optional<Ip> takeLowest(Handle handle, Subnet subnet, UUID port) {
    for (Pool pool : subnet.pools()) {
      Optional<Ip> gap = gap(handle, subnet.id(), pool);
      while (gap.isPresent()) {
        if (take(handle, subnet, gap.get(), port)) {
          return gap;
        }
        // Another transaction has taken it meanwhile and committed.
        gap = gap(handle, subnet.id(), pool);
      }
    }
    return Optional.empty();
  }

  /** Takes this address; false if somebody has it. */
  public static boolean take(Handle handle, Subnet subnet, Ip address, UUID port) {
    return takeFirst(handle, subnet, port, List.of(address.toString())).isPresent();
  }

  public static void release(Handle handle, UUID port, List<Port.FixedIp> fixedIps) {
    for (Port.FixedIp fixed : fixedIps) {
      handle
          .createUpdate(
              """
              DELETE FROM network.ip_allocation
              WHERE subnet_id = :subnet AND address = CAST(:address AS inet) AND port_id = :port\
              """)
          .bind("subnet", fixed.subnetId())
          .bind("address", fixed.address().toString())
          .bind("port", port)
          .execute();
    }
  }

  private static Optional<Ip> takeFirst(
      Handle handle, Subnet subnet, UUID port, List<String> candidates) {
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    try {
      return TAKE.on(handle)
          .bind("subnet", subnet.id())
          .bind("port", port)
          .bind("candidates", candidates.toArray(String[]::new))
          .first(row -> Ip.of(row.getString(1)));
    } catch (RuntimeException failure) {
      throw Database.violated(failure).filter("allocation_subnet"::equals).isPresent()
          ? Errors.subnetNotFound(subnet.id())
          : failure;
    }
  }

  private static Optional<Ip> gap(Handle handle, UUID subnet, Pool pool) {
    return handle
        .createQuery(
            """
            WITH used AS (SELECT address FROM network.ip_allocation WHERE subnet_id = :subnet
              AND address BETWEEN CAST(:start AS inet) AND CAST(:end AS inet))
            SELECT host(c.address)
            FROM (SELECT CAST(:start AS inet) AS address
              UNION ALL SELECT address + 1 FROM used WHERE address < CAST(:end AS inet)) c
            WHERE NOT EXISTS (SELECT FROM used u WHERE u.address = c.address)
            ORDER BY c.address LIMIT 1\
            """)
        .bind("subnet", subnet)
        .bind("start", pool.start().toString())
        .bind("end", pool.end().toString())
        .mapTo(String.class)
        .findOne()
        .map(Ip::of);
  }

  /** Half of them near the start, the others anywhere. */
  private static List<String> guesses(List<Pool> pools) {
    BigInteger size = pools.stream().map(Pool::size).reduce(BigInteger.ZERO, BigInteger::add);
    if (size.signum() == 0) {
      return List.of();
    }
    List<String> guesses = new ArrayList<>();
    BigInteger near = size.min(BigInteger.valueOf(NEAR));
    for (int guess = 0; guess < GUESSES; guess++) {
      guesses.add(at(pools, below(guess < GUESSES / 2 ? near : size)).toString());
    }
    return guesses;
  }

  private static BigInteger below(BigInteger bound) {
    Random random = ThreadLocalRandom.current();
    return bound.bitLength() < 63
        ? BigInteger.valueOf(random.nextLong(bound.longValueExact()))
        : new BigInteger(bound.bitLength() + 16, random).mod(bound);
  }

  private static Ip at(List<Pool> pools, BigInteger offset) {
    BigInteger left = offset;
    for (Pool pool : pools) {
      if (left.compareTo(pool.size()) < 0) {
        return pool.start().plus(left);
      }
      left = left.subtract(pool.size());
    }
    throw new IllegalArgumentException("offset " + offset + " is beyond the pools");
  }
}
