package cloud.lastmile.identity.policy;

import tools.jackson.databind.node.ObjectNode;

/**
 * A document that identity keeps for services which read their policy from it. None of ours does,
 * nor does any current one of the reference: the API is there for clients that still use it.
 *
 * @param type its MIME type
 * @param extra attributes that the reference keeps for clients
 */
record PolicyDocument(String id, String type, String blob, ObjectNode extra) {}
