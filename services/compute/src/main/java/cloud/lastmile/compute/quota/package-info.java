/** What a project may have of compute, what it has, and what it used. */
package cloud.lastmile.compute.quota;
