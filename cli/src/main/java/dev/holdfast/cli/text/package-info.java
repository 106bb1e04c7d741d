/**
 * Text for people and programs: sizes, tables, reports, JSON, progress. Knows nothing of commands.
 */
package dev.holdfast.cli.text;
