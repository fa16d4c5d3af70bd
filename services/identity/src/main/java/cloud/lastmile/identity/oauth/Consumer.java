package cloud.lastmile.identity.oauth;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A program that may ask users to lend it their roles. */
record Consumer(String id, Optional<String> description, ObjectNode extra) {}
