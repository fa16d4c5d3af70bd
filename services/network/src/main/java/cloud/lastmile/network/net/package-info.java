/** Networks: what they are, their segments and their MTU. */
package cloud.lastmile.network.net;
