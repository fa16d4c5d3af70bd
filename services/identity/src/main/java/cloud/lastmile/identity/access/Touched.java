package cloud.lastmile.identity.access;

import cloud.lastmile.platform.work.Event;
import cloud.lastmile.platform.work.Events;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a transaction changed of that which decides who may do what; collected while it runs, told
 * to every node when it is committed.
 */
public final class Touched {
  /** Notifications are short: beyond this, everything is looked up again. */
  private static final int MAX_TAGS = 60;

  private static final String EVERYTHING = "*\n";

  /**
   * The message of a node that has just started: before it ended it may have changed anything, and
   * revoked tokens, without telling.
   */
  static final String ANEW = EVERYTHING + "!\n";

  /** Like no id of a user, project or domain. */
  static final String CATALOG = "catalog";

  static final String DOMAIN_CONFIG = "domain_config";

  private final Set<String> tags = new LinkedHashSet<>();
  private final Set<String> revoked = new LinkedHashSet<>();
  private final List<Told> events = new ArrayList<>();
  private boolean all;

  /** What happened to what, for the outbox. */
  private record Told(String noun, String id, String verb, Map<String, String> details) {}

  Touched() {}

  /** A user, its roles, or its groups. */
  public void user(String userId) {
    tags.add(userId);
  }

  /** A project or domain itself; not what is below it. */
  public void target(String targetId) {
    tags.add(targetId);
  }

  /** A service, an endpoint or a region. */
  public void catalog() {
    tags.add(CATALOG);
  }

  /** Where the users of a domain are. */
  public void domainConfig() {
    tags.add(DOMAIN_CONFIG);
  }

  /** Something that concerns many: a role, a group's roles, a domain. */
  public void everything() {
    all = true;
  }

  /**
   * Tells the outbox: {@code identity.<noun>.<verb>}, as the reference's notifications are named.
   *
   * @param verb {@code created}, {@code updated}, {@code deleted}; {@code revoked}, {@code rotated}
   */
  public void event(String noun, String id, String verb) {
    event(noun, id, verb, Map.of());
  }

  /**
   * With what else the event says: {@code project} and {@code role} of a role assignment, say. No
   * secret may be among it.
   */
  public void event(String noun, String id, String verb, Map<String, String> details) {
    events.add(new Told(noun, id, verb, details));
  }

  void append(Handle handle, Events outbox, String requestId, ObjectNode initiator, Instant now) {
    outbox.append(
        handle, events.stream().map(told -> event(told, requestId, initiator, now)).toList());
  }

  private static Event event(Told told, String requestId, ObjectNode initiator, Instant now) {
    String action = told.verb() + "." + told.noun();
    ObjectNode payload =
        Cadf.activity(action, true, Cadf.type(told.noun()), told.id(), initiator.deepCopy(), now);
    told.details().forEach(payload::put);
    return Event.of(
        "identity." + told.noun() + "." + told.verb(),
        told.noun().equals("project") ? told.id() : told.details().get("project"),
        told.noun(),
        told.id(),
        requestId,
        payload);
  }

  void revoked(String auditId) {
    revoked.add(auditId);
  }

  void clear() {
    tags.clear();
    revoked.clear();
    events.clear();
    all = false;
  }

  boolean isEmpty() {
    return tags.isEmpty() && revoked.isEmpty() && !all;
  }

  void apply(Tags counters, Revocations revocations) {
    revoked.forEach(revocations::add);
    if (all || tags.size() > MAX_TAGS) {
      counters.raiseAll();
    } else {
      tags.forEach(counters::raise);
    }
  }

  /** As told to other nodes: lines of {@code *}, {@code = tag}, {@code - auditId}, {@code !}. */
  String message() {
    StringBuilder message = new StringBuilder();
    revoked.forEach(auditId -> message.append("- ").append(auditId).append('\n'));
    if (all || tags.size() > MAX_TAGS) {
      message.append(EVERYTHING);
    } else {
      tags.forEach(tag -> message.append("= ").append(tag).append('\n'));
    }
    return message.toString();
  }

  static void applyMessage(String message, Tags counters, Revocations revocations) {
    for (String line : message.lines().toList()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "*" -> counters.raiseAll();
        case "=" -> counters.raise(words[1]);
        case "-" -> revocations.add(words[1]);
        case "!" -> revocations.load();
        default -> throw new IllegalArgumentException("unknown notification: " + line);
      }
    }
  }
}
