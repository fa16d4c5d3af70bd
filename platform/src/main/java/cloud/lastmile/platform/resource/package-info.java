/**
 * A noun, described once.
 *
 * <p>{@link cloud.lastmile.platform.resource.Noun} says what it is: its names, its table, its
 * attributes ({@link cloud.lastmile.platform.resource.Attribute}: how each is shown, what a client
 * may say of it, where it is kept, who may see and who may say it), who may do what, which rows a
 * project sees, and its faults. {@link cloud.lastmile.platform.resource.Dialect} says what all
 * nouns of a service have in common: envelopes, words of refusals, links, limits, times. {@link
 * cloud.lastmile.platform.resource.Hooks} are what a noun does beyond that. {@link
 * cloud.lastmile.platform.resource.Resource} makes routes of the three:
 *
 * <pre>{@code
 * final class AddressGroupNoun implements Hooks<NetworkWrite> {
 *   static final Noun NOUN =
 *       Standard.tagged(
 *               Standard.noun("address_group", "address_groups", "network.address_group r")
 *                   .path("/address-groups")
 *                   .has(
 *                       Attribute.of(Column.text("name"), Converters.text(255)).absent(""),
 *                       Attribute.of(
 *                               Column.json("addresses", "to_json(r.addresses)"),
 *                               Converters.list(AddressConverters::subnet))
 *                           .stored(Stored.array("addresses", "cidr"))
 *                           .createOnly()))
 *           .missing(id -> Errors.notFound("AddressGroupNotFound", ...))
 *           .violating("rule_address_group", _ -> Errors.conflict("AddressGroupInUse", ...))
 *           .build();
 *
 *   @Override
 *   public void changed(NetworkWrite write, ObjectNode row) {
 *     write.touch(EngineKey.addressGroup(NOUN.id(row)));
 *   }
 * }
 * }</pre>
 *
 * <p>What follows from it: bodies are read with null and absent told apart; every INSERT, UPDATE
 * and DELETE demands its one row, and only then are quota and event counted, in the same
 * transaction; a list is one statement with filters, sort keys, markers and {@code fields}, its
 * rows are written as they come from the database, and one that is longer than a piece is streamed,
 * never held whole; who may not know of a resource gets the same 404 as for one that is not there.
 */
package cloud.lastmile.platform.resource;
