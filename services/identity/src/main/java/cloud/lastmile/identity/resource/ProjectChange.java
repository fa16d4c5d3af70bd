package cloud.lastmile.identity.resource;

import cloud.lastmile.identity.access.Changes;
import cloud.lastmile.identity.access.Touched;
import cloud.lastmile.identity.common.Attributes;
import cloud.lastmile.identity.common.Faults;
import cloud.lastmile.identity.common.Options;
import cloud.lastmile.platform.core.ApiException;
import cloud.lastmile.platform.core.Json;
import cloud.lastmile.platform.http.Fields;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/** The rules by which projects and domains are made, changed and deleted. */
final class ProjectChange {
  static final int MAX_NAME = 64;
  static final int MAX_TAGS = 80;
  static final int MAX_TREE_DEPTH = 5;
  private static final int MAX_DESCRIPTION = 65_535;
  static final Set<String> KNOWN =
      Set.of(
          "id",
          "name",
          "domain_id",
          "parent_id",
          "is_domain",
          "description",
          "enabled",
          "options",
          "tags",
          "links",
          "explicit_domain_id");

  private ProjectChange() {}

  /** What a create request says; parent and domain as the caller worked them out. */
  static Project parse(
      Fields fields, String id, Optional<String> domainId, Optional<String> parentId) {
    boolean isDomain = domainId.isEmpty();
    return new Project(
        id,
        Attributes.name(fields, MAX_NAME),
        domainId.orElse(null),
        isDomain ? null : parentId.or(() -> domainId).orElse(null),
        isDomain,
        Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(""),
        fields.bool("enabled", true),
        Options.merged(Json.object(), Options.ofResource(fields)),
        Attributes.extra(fields, KNOWN),
        fields.optional("tags").map(ProjectChange::tags).orElse(List.of()));
  }

  /** Tags of a request; each 1 to 255 characters without comma and slash, at most 80, distinct. */
  static List<String> tags(Fields.Value value) {
    List<String> tags = new ArrayList<>();
    Set<String> distinct = new HashSet<>();
    for (Fields.Value item : value.values()) {
      String tag = item.text(1, 255);
      if (tag.contains(",") || tag.contains("/")) {
        throw item.invalid("'" + tag + "' does not match '^[^,/]*$'");
      }
      if (!distinct.add(tag)) {
        throw value.invalid(value.node() + " has non-unique elements");
      }
      tags.add(tag);
    }
    if (tags.size() > MAX_TAGS) {
      throw value.invalid("it has more than " + MAX_TAGS + " tags");
    }
    return tags;
  }

  /** Checks what is above a new project, under a lock that keeps it from being disabled. */
  static void requirePlace(Handle handle, Project project, int maxTreeDepth) {
    String domainId = project.domainId();
    String parentId = project.parentId();
    if (domainId == null || parentId == null) {
      return;
    }
    if (ProjectStore.findDomain(handle, domainId).isEmpty()) {
      throw ApiException.badRequest("Could not find domain: " + domainId + ".");
    }
    Project parent =
        ProjectStore.lock(handle, parentId)
            .orElseThrow(
                () -> ApiException.badRequest("Could not find project: " + parentId + "."));
    requireSameDomain(parent, domainId);
    List<Project> above = new ArrayList<>(ProjectStore.parents(handle, parentId));
    above.add(parent);
    for (Project ancestor : above) {
      if (!ancestor.enabled()) {
        throw ApiException.badRequest(
            "cannot create a project in a branch containing a disabled project: " + ancestor.id());
      }
    }
    // The domain at the top does not count as a level.
    if (above.size() > Math.min(MAX_TREE_DEPTH, maxTreeDepth)) {
      throw ApiException.forbidden("Max hierarchy depth reached for " + parentId + " branch.");
    }
  }

  private static void requireSameDomain(Project parent, String domainId) {
    String parentDomain = parent.isDomain() ? parent.id() : parent.domainId();
    if (domainId.equals(parentDomain)) {
      return;
    }
    throw ApiException.badRequest(
        parent.isDomain()
            ? "Cannot create project, the parent ("
                + parent.id()
                + ") is acting as a domain, but this project's domain id ("
                + domainId
                + ") does not match the parent's id."
            : "Cannot create project, since it specifies its domain_id "
                + domainId
                + ", but specifies a parent in a different domain ("
                + parentDomain
                + ").");
  }

  /**
   * Inserts a new project or domain.
   *
   * @param maxTreeDepth levels below the domain that the limit model allows
   */
  static void insert(Changes changes, Project project, int maxTreeDepth) {
    named(
        () ->
            changes.transact((handle, touched) -> {
              requirePlace(handle, project, maxTreeDepth);
              ProjectStore.insert(handle, project);
              touched.target(project.id());
              touched.event(noun(project), project.id(), "created");
              return project;
            }),
        project);
  }

  /** Applies a PATCH to a project or domain that was seen a moment ago. */
  static Project commit(Changes changes, InstantSource clock, Project seen, Fields fields) {
    String noun = noun(seen);
    String name = Attributes.optionalName(fields, MAX_NAME).orElse(seen.name());
    return named(
        () ->
            changes.transact((handle, touched) -> {
              Project old =
                  ProjectStore.lock(handle, seen.id())
                      .orElseThrow(() -> Faults.notFound(noun, seen.id()));
              return update(handle, touched, old, fields, clock.instant());
            }),
        seen.named(name));
  }

  /** Applies a PATCH to the locked project and gives its new state. */
  static Project update(Handle handle, Touched touched, Project old, Fields fields, Instant now) {
    String type = noun(old);
    Options.requireMutable(old.options(), fields, type, old.id());
    requireUnmoved(old, fields);
    ObjectNode extra = Attributes.merged(old.extra(), Attributes.extra(fields, KNOWN));
    Project changed =
        new Project(
            old.id(),
            Attributes.optionalName(fields, MAX_NAME).orElse(old.name()),
            old.domainId(),
            old.parentId(),
            old.isDomain(),
            fields.isNull("description")
                ? ""
                : Attributes.text(fields, "description", MAX_DESCRIPTION).orElse(old.description()),
            fields.bool("enabled", old.enabled()),
            Options.merged(old.options(), Options.ofResource(fields)),
            extra,
            fields.optional("tags").map(ProjectChange::tags).orElse(old.tags()));
    requireSwitchable(handle, old, changed);
    ProjectStore.update(handle, changed);
    if (fields.optional("tags").isPresent()) {
      ProjectStore.replaceTags(handle, old.id(), changed.tags());
    }
    if (old.enabled() && !changed.enabled()) {
      ProjectStore.refuseTokensBefore(handle, old.id(), now);
    }
    touch(touched, old);
    touched.event(type, old.id(), "updated");
    return changed;
  }

  private static void requireUnmoved(Project old, Fields fields) {
    Optional<Fields.Value> parent = fields.optional("parent_id");
    if (parent.isPresent() && !parent.get().node().asString("").equals(old.parentId())) {
      throw ApiException.forbidden("Update of `parent_id` is not allowed.");
    }
    Optional<Fields.Value> isDomain = fields.optional("is_domain");
    if (isDomain.isPresent() && isDomain.get().bool() != old.isDomain()) {
      throw ApiException.badRequest("Update of `is_domain` is not allowed.");
    }
    Optional<Fields.Value> domain = fields.optional("domain_id");
    if (domain.isPresent() && !domain.get().node().asString("").equals(old.domainId())) {
      throw ApiException.badRequest("Cannot change Domain ID");
    }
  }

  private static void requireSwitchable(Handle handle, Project old, Project changed) {
    if (old.isDomain() || old.enabled() == changed.enabled()) {
      return;
    }
    if (changed.enabled()) {
      if (!ProjectStore.parents(handle, old.id()).stream().allMatch(Project::enabled)) {
        throw disabledParents(old);
      }
    } else if (ProjectStore.subtree(handle, old.id()).stream().anyMatch(Project::enabled)) {
      throw ApiException.forbidden(
          "Cannot disable project " + old.id() + " since its subtree contains enabled projects.");
    }
  }

  /**
   * Enables or disables a project with all that is below it.
   *
   * @throws ApiException bad request if the PATCH wants anything else
   */
  static Project switchTree(
      Handle handle, Touched touched, Project root, Fields fields, Instant now) {
    if (fields.node().size() != 1 || !fields.has("enabled")) {
      throw ApiException.badRequest("Cascade update is only allowed for enabled attribute.");
    }
    boolean enabled = fields.required("enabled").bool();
    List<Project> tree = new ArrayList<>(ProjectStore.subtree(handle, root.id()));
    tree.addFirst(root);
    for (Project project : tree) {
      Options.requireMutable(project.options(), fields, "project", project.id());
    }
    if (enabled && !ProjectStore.parents(handle, root.id()).stream().allMatch(Project::enabled)) {
      throw disabledParents(root);
    }
    ProjectStore.enable(handle, tree.stream().map(Project::id).toList(), enabled, now);
    for (Project project : tree) {
      if (project.enabled() != enabled) {
        touch(touched, project);
        touched.event("project", project.id(), "updated");
      }
    }
    return ProjectStore.find(handle, root.id()).orElse(root);
  }

  private static ApiException disabledParents(Project project) {
    return ApiException.forbidden(
        "Cannot enable project " + project.id() + " since it has disabled parents");
  }

  /** Deletes a locked project with all below it, which must be disabled. */
  static void deleteTree(Handle handle, Touched touched, Project root) {
    List<Project> tree = new ArrayList<>(ProjectStore.subtree(handle, root.id()));
    if (tree.stream().anyMatch(Project::enabled)) {
      throw ApiException.forbidden(
          "Cannot delete project " + root.id() + " since its subtree contains enabled projects.");
    }
    tree.addFirst(root);
    for (Project project : tree) {
      Options.requireDeletable(project.options(), "project", project.id());
    }
    for (Project project : tree.reversed()) {
      ProjectStore.delete(handle, project.id());
      touch(touched, project);
      touched.event("project", project.id(), "deleted");
    }
  }

  /** Deletes a locked project that has nothing below it, or a disabled domain with all in it. */
  static void delete(Handle handle, Touched touched, Project project) {
    if (project.isDomain()) {
      deleteDomain(handle, touched, project);
      return;
    }
    Options.requireDeletable(project.options(), "project", project.id());
    if (ProjectStore.hasChildren(handle, project.id())) {
      throw ApiException.forbidden(
          "Cannot delete the project "
              + project.id()
              + " since it is not a leaf in the hierarchy. Use the cascade option if you want to"
              + " delete a whole subtree.");
    }
    ProjectStore.delete(handle, project.id());
    touch(touched, project);
    touched.event("project", project.id(), "deleted");
  }

  private static void deleteDomain(Handle handle, Touched touched, Project domain) {
    Options.requireDeletable(domain.options(), "domain", domain.id());
    if (domain.enabled()) {
      throw ApiException.forbidden(
          "Cannot delete a domain that is enabled, please disable it first.");
    }
    ProjectStore.deletePeople(handle, domain.id());
    for (Project project : ProjectStore.subtree(handle, domain.id()).reversed()) {
      ProjectStore.delete(handle, project.id());
      touched.event("project", project.id(), "deleted");
    }
    ProjectStore.delete(handle, domain.id());
    touch(touched, domain);
    touched.event("domain", domain.id(), "deleted");
  }

  private static String noun(Project project) {
    return project.isDomain() ? "domain" : "project";
  }

  private static void touch(Touched touched, Project project) {
    if (project.isDomain()) {
      touched.everything();
    } else {
      touched.target(project.id());
    }
  }

  /** Runs a write of {@code project} and words the conflict of names. */
  private static <T> T named(Supplier<T> write, Project project) {
    return Faults.unique(
        "domain_name_unique",
        () ->
            Faults.unique(
                "project_name_unique", write, () -> Faults.conflict("project", clash(project))),
        () -> Faults.conflict("project", clash(project)));
  }

  private static String clash(Project project) {
    return project.isDomain()
        ? "it is not permitted to have two projects acting as domains with the same name: "
            + project.name()
        : "it is not permitted to have two projects with either the same name or same id in the"
            + " same domain: name is "
            + project.name()
            + ", project id "
            + project.id();
  }
}
