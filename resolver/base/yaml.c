/* SPDX-License-Identifier: MIT */
/*
 * From bytes to the tree, and the only file that knows libfyaml. It takes libfyaml's events rather
 * than its documents: events need no recursion on nested input, resolve no alias and keep the place
 * of every token. Everything that our subset of YAML lacks is refused here.
 */
#include "resolver/base/yaml.h"

#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct yaml_builder {
	const struct yaml_source *source;
	struct arena *arena;
	struct yaml_node *root;
	struct yaml_node *open[LIMIT_CONFIG_DEPTH]; /* lists and maps not yet ended */
	struct yaml_node *key[LIMIT_CONFIG_DEPTH];  /* of each open map: read, without its value */
	unsigned depth;
	unsigned nodes, documents;
	int err;
};

struct yaml_place {
	unsigned line, column;
};

void yaml_fault(
	const struct yaml_source *source, unsigned line, unsigned column, const char *format, ...)
{
	char message[YAML_MESSAGE];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	source->fault(source->ctx, line, column, message);
}

static struct yaml_place event_place(const struct yaml_builder *builder, struct fy_event *event)
{
	const struct fy_mark *mark = fy_event_start_mark(event);
	if (mark && mark->line >= 0 && mark->column >= 0)
		return (struct yaml_place){(unsigned)mark->line + 1, (unsigned)mark->column + 1};
	const struct yaml_node *near = builder->depth ? builder->key[builder->depth - 1] : NULL;
	if (!near && builder->depth)
		near = builder->open[builder->depth - 1];
	return near ? (struct yaml_place){near->line, near->column} : (struct yaml_place){1, 1};
}

static struct yaml_node *new_node(
	struct yaml_builder *builder, enum yaml_kind kind, struct yaml_place at)
{
	if (++builder->nodes > LIMIT_CONFIG_NODES) {
		yaml_fault(builder->source, at.line, at.column,
			"too many values: a file holds at most %d", LIMIT_CONFIG_NODES);
		builder->err = RW_ELIMIT;
		return NULL;
	}
	struct yaml_node *node = arena_alloc(builder->arena, sizeof(*node));
	if (!node) {
		builder->err = RW_ENOMEM;
		return NULL;
	}
	node->kind = kind;
	node->line = at.line;
	node->column = at.column;
	return node;
}

static void check_key(
	struct yaml_builder *builder, const struct yaml_node *map, struct yaml_node *key)
{
	if (key->kind == YAML_TEXT && strcmp(key->text, "<<") == 0) {
		yaml_fault(builder->source, key->line, key->column,
			"merge keys are not supported: write the keys out");
		key->kind = YAML_REFUSED;
	}
	if (key->kind != YAML_TEXT)
		return;
	for (const struct yaml_node *other = map->first; other; other = other->next) {
		if (other->key->kind != YAML_TEXT || strcmp(other->key->text, key->text) != 0)
			continue;
		char shown[YAML_SHOWN];
		yaml_fault(builder->source, key->line, key->column,
			"duplicate key \"%s\": it stands on line %u already, remove one of them",
			yaml_shown(key->text, shown), other->key->line);
		key->kind = YAML_REFUSED;
		return;
	}
}

static void append(struct yaml_builder *builder, struct yaml_node *parent, struct yaml_node *node)
{
	if (parent->count >= LIMIT_CONFIG_LIST) {
		if (parent->count++ == LIMIT_CONFIG_LIST)
			yaml_fault(builder->source, node->line, node->column,
				"too many entries: a list or section holds at most %d",
				LIMIT_CONFIG_LIST);
		return;
	}
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	parent->count++;
}

/* Puts a node where it belongs: the root, a member of a list, a key or its value. */
static void place_node(struct yaml_builder *builder, struct yaml_node *node)
{
	if (builder->depth == 0) {
		builder->root = node;
		return;
	}
	struct yaml_node *parent = builder->open[builder->depth - 1];
	struct yaml_node **key = &builder->key[builder->depth - 1];
	if (parent->kind != YAML_MAP) {
		append(builder, parent, node);
	} else if (*key) {
		node->key = *key;
		*key = NULL;
		append(builder, parent, node);
	} else {
		if (node->kind == YAML_EMPTY)
			yaml_fault(builder->source, node->line, node->column,
				"a key is missing before the colon");
		node->kind = node->kind == YAML_TEXT ? YAML_TEXT : YAML_REFUSED;
		check_key(builder, parent, node);
		*key = node;
	}
}

static bool is_key(const struct yaml_builder *builder)
{
	return builder->depth > 0 && builder->open[builder->depth - 1]->kind == YAML_MAP &&
	       !builder->key[builder->depth - 1];
}

static void open_node(struct yaml_builder *builder, struct fy_event *event, enum yaml_kind kind)
{
	struct yaml_place at = event_place(builder, event);
	if (is_key(builder) || builder->depth == LIMIT_CONFIG_DEPTH) {
		const char *why = is_key(builder) ? "a key must be a single word"
						  : "nested too deep: no key needs so many levels";
		yaml_fault(builder->source, at.line, at.column, "%s", why);
		builder->err = RW_EINVAL;
		return;
	}
	struct yaml_node *node = new_node(builder, kind, at);
	if (!node)
		return;
	place_node(builder, node);
	builder->open[builder->depth] = node;
	builder->key[builder->depth] = NULL;
	builder->depth++;
}

/* A token's place; the mark of anchors and aliases stands behind their first character. */
static struct yaml_place token_place(struct fy_token *token, unsigned behind)
{
	const struct fy_mark *mark = fy_token_start_mark(token);
	if (!mark || mark->line < 0 || mark->column < 0)
		return (struct yaml_place){0, 0};
	unsigned column = (unsigned)mark->column + 1;
	return (struct yaml_place){(unsigned)mark->line + 1, column > behind ? column - behind : 1};
}

static void refuse_decoration(struct yaml_builder *builder, struct fy_event *event)
{
	struct fy_token *anchor = fy_event_get_anchor_token(event);
	struct fy_token *tag = fy_event_get_tag_token(event);
	struct yaml_place at = anchor ? token_place(anchor, 1) : (struct yaml_place){0, 0};
	if (anchor)
		yaml_fault(builder->source, at.line, at.column,
			"anchors are not supported: write the value out at each place, or quote "
			"text that starts with &");
	if (tag)
		at = token_place(tag, 0);
	if (tag)
		yaml_fault(builder->source, at.line, at.column,
			"tags are not supported: leave the tag away, or quote text that starts "
			"with !");
}

/*
 * The bytes of a token as they stand in the file. libfyaml 0.7.12 leaks when it is asked for the
 * text of a quoted scalar with more than a few escapes (its issue 233), so it is never asked: text
 * on one line without escapes is what stands in the file.
 */
static const char *raw_text(
	const struct yaml_builder *builder, struct fy_token *token, size_t *ret_size)
{
	const struct fy_mark *start = fy_token_start_mark(token), *end = fy_token_end_mark(token);
	*ret_size = 0;
	if (!start || !end || start->input_pos > end->input_pos ||
		end->input_pos > builder->source->size)
		return "";
	*ret_size = end->input_pos - start->input_pos;
	return builder->source->bytes + start->input_pos;
}

static void take_alias(struct yaml_builder *builder, struct fy_event *event)
{
	struct yaml_place at = token_place(event->alias.anchor, 1);
	size_t size;
	const char *text = raw_text(builder, event->alias.anchor, &size);
	char word[YAML_SHOWN] = "", shown[YAML_SHOWN];
	(void)snprintf(word, sizeof(word), "%.*s", (int)RW_MIN(size, sizeof(word)), text);
	yaml_fault(builder->source, at.line, at.column,
		"\"*%s\" without quotes is an alias, and aliases are not supported: quote names "
		"that start with *",
		yaml_shown(word, shown));
	struct yaml_node *node = new_node(builder, YAML_REFUSED, at);
	if (node)
		place_node(builder, node);
}

static const char *scalar_fault(
	struct fy_token *token, enum fy_scalar_style style, const char *text, size_t size)
{
	const struct fy_mark *start = fy_token_start_mark(token), *end = fy_token_end_mark(token);
	if (!start || !end || start->line != end->line || style == FYSS_LITERAL ||
		style == FYSS_FOLDED)
		return "text over several lines is not supported: write it on one line";
	if (style == FYSS_DOUBLE_QUOTED && memchr(text, '\\', size))
		return "escapes are not supported: use single quotes for text with a backslash";
	if (style == FYSS_SINGLE_QUOTED && memchr(text, '\'', size))
		return "doubled quotes are not supported: use double quotes around the text";
	return NULL;
}

/* A block: libfyaml removes the indentation; its leak concerns quoted text only. */
static void fill_block(struct yaml_builder *builder, struct yaml_node *node, struct fy_token *token)
{
	const struct fy_mark *start = fy_token_start_mark(token);
	size_t size = 0;
	const char *text = fy_token_get_text(token, &size);
	char *copy = text ? arena_alloc(builder->arena, size + 1) : NULL;
	if (!copy) {
		builder->err = RW_ENOMEM;
		return;
	}
	memcpy(copy, text, size);
	node->text = copy;
	if (start && start->line >= 0)
		node->line = (unsigned)start->line + 1;
}

static void fill_text(struct yaml_builder *builder, struct yaml_node *node, struct fy_token *token,
	enum fy_scalar_style style)
{
	if (style == FYSS_LITERAL && builder->source->blocks) {
		fill_block(builder, node, token);
		return;
	}
	size_t size;
	const char *text = raw_text(builder, token, &size);
	const char *fault = scalar_fault(token, style, text, size);
	char *copy = fault ? NULL : arena_alloc(builder->arena, size + 1);
	if (fault) {
		yaml_fault(builder->source, node->line, node->column, "%s", fault);
		node->kind = YAML_REFUSED;
	} else if (!copy) {
		builder->err = RW_ENOMEM;
	} else {
		memcpy(copy, text, size);
		node->text = copy;
	}
}

static void take_scalar(struct yaml_builder *builder, struct fy_event *event)
{
	struct yaml_place at = event_place(builder, event);
	struct fy_token *token = event->scalar.value;
	enum fy_scalar_style style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
	if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED)
		at.column -= at.column > 1; /* the mark stands behind the quote */
	struct yaml_node *node = new_node(builder, token ? YAML_TEXT : YAML_EMPTY, at);
	if (!node)
		return;
	if (token)
		fill_text(builder, node, token, style);
	if (builder->err == 0)
		place_node(builder, node);
}

static void start_document(struct yaml_builder *builder, struct fy_event *event)
{
	struct yaml_place at = event_place(builder, event);
	if (++builder->documents == 1)
		return;
	yaml_fault(builder->source, at.line, at.column,
		"a second document starts here: remove the line \"---\"");
	builder->err = RW_EINVAL;
}

static void take_event(struct yaml_builder *builder, struct fy_event *event)
{
	switch (event->type) {
	case FYET_DOCUMENT_START:
		start_document(builder, event);
		break;
	case FYET_MAPPING_START:
		refuse_decoration(builder, event);
		open_node(builder, event, YAML_MAP);
		break;
	case FYET_SEQUENCE_START:
		refuse_decoration(builder, event);
		open_node(builder, event, YAML_LIST);
		break;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		builder->depth -= builder->depth > 0;
		break;
	case FYET_SCALAR:
		refuse_decoration(builder, event);
		take_scalar(builder, event);
		break;
	case FYET_ALIAS:
		take_alias(builder, event);
		break;
	default:
		break;
	}
}

/* libfyaml's own first error, with a remedy where its words have none. */
static void report_syntax(const struct yaml_source *source, struct fy_diag *diag)
{
	void *previous = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &previous);
	if (!error || error->line < 1) {
		yaml_fault(source, 0, 0, "this is not YAML");
		return;
	}
	const char *remedy = "";
	if (strstr(error->msg, "cannot start with"))
		remedy = ": quote the text";
	else if (strstr(error->msg, "alias"))
		remedy = ": quote names that start with *";
	else if (strstr(error->msg, "multiline plain key"))
		remedy = ": the next key must start in the same column as this one";
	char shown[YAML_SHOWN];
	yaml_fault(source, (unsigned)error->line, (unsigned)RW_MAX(error->column, 1),
		"YAML syntax: %s%s", yaml_shown(error->msg, shown), remedy);
}

/*
 * After an early end, lists that were not read to theirs say nothing about what is missing in them.
 * Sections do not need this: none of their keys is required.
 */
static void refuse_unended(struct yaml_builder *builder)
{
	bool in_list = false;
	for (unsigned i = 0; i < builder->depth; i++) {
		in_list |= builder->open[i]->kind == YAML_LIST;
		if (in_list)
			builder->open[i]->kind = YAML_REFUSED;
	}
}

static void read_events(
	struct yaml_builder *builder, struct fy_parser *parser, struct fy_diag *diag)
{
	struct fy_event *event;
	while (builder->err == 0 && (event = fy_parser_parse(parser))) {
		take_event(builder, event);
		fy_parser_event_free(parser, event);
	}
	if (builder->err == 0 && fy_parser_get_stream_error(parser))
		report_syntax(builder->source, diag);
	refuse_unended(builder);
}

static struct fy_diag *quiet_diag(void)
{
	struct fy_diag_cfg config;
	fy_diag_cfg_default(&config);
	config.fp = NULL;
	config.colorize = false;
	struct fy_diag *diag = fy_diag_create(&config);
	if (diag)
		fy_diag_set_collect_errors(diag, true);
	return diag;
}

int yaml_tree(const struct yaml_source *source, struct arena *arena, struct yaml_node **ret_root)
{
	struct fy_diag *diag = quiet_diag();
	if (!diag)
		return RW_ENOMEM;
	struct fy_parse_cfg config = {
		.search_path = "",
		.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE |
			 FYPCF_DEFAULT_VERSION_1_2,
		.diag = diag,
	};
	struct yaml_builder builder = {.source = source, .arena = arena};
	struct fy_parser *parser = fy_parser_create(&config);
	if (!parser || fy_parser_set_string(parser, source->bytes, source->size))
		builder.err = RW_ENOMEM;
	else
		read_events(&builder, parser, diag);
	if (parser)
		fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	if (builder.err == RW_ENOMEM)
		return RW_ENOMEM;
	*ret_root = builder.root;
	return 0;
}
