package cloud.lastmile.identity.role;

/** That who has the prior role has the implied one too. */
record Implication(String priorId, String priorName, String impliedId, String impliedName) {}
