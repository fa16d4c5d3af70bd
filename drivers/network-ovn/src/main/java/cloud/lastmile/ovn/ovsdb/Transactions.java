package cloud.lastmile.ovn.ovsdb;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** The request and the answer of {@code transact}. */
final class Transactions {
  private Transactions() {}

  static ArrayNode request(String database, List<Operation> operations) {
    ArrayNode params = JsonRpcChannel.MAPPER.createArrayNode().add(database);
    operations.forEach(operation -> params.add(operation.toJson()));
    return params;
  }

  /**
   * The results of the operations. A refusal stands among them while the answer as a whole counts
   * as a success: the refused operation's result is an error and those after it are null; an error
   * found only at the commit follows after the last.
   */
  static List<JsonNode> results(JsonNode answer, int operations) {
    List<JsonNode> results = new ArrayList<>(operations);
    for (int i = 0; i < answer.size(); i++) {
      JsonNode result = answer.get(i);
      JsonNode error = result.path("error");
      if (error.isString()) {
        throw OvsdbException.refused(
            error.stringValue(), result.path("details").asString(""), i < operations ? i : -1);
      }
      results.add(result);
    }
    if (results.size() < operations) {
      throw OvsdbException.protocol("fewer results than operations");
    }
    return results;
  }
}
