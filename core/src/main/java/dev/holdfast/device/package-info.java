/** Direct access to a whole volume: devices, what they are on, and how stores become durable. */
package dev.holdfast.device;
