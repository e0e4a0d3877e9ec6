/* SPDX-License-Identifier: MIT */
/* Reads the command line: one table for the options that start with a dash, and dig's guessing. */
#include "resolver/client/dig/args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "resolver/client/dig/idn.h"
#include "resolver/client/dig/nearest.h"
#include "resolver/client/out.h"
#include "resolver/wire/text.h"

struct args_parser {
	struct arena *arena;
	struct args *args;
	struct query *current; /* the defaults, or the newest query */
	char *error;
	bool batch;
};

typedef int (*dash_setter)(struct args_parser *p, const char *value);

struct dash {
	const char *name; /* as typed, dashes included */
	bool takes_value;
	dash_setter set;
};

static int RW_PRINTF(3, 4)
	refuse_word(struct args_parser *p, const char *text, const char *format, ...)
{
	char shown[96], reason[ARGS_ERROR - 128];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(reason, sizeof(reason), format, list);
	va_end(list);
	(void)snprintf(p->error, ARGS_ERROR, "%s: %s",
		out_escape(text, strlen(text), shown, sizeof(shown)), reason);
	return RW_EINVAL;
}

static int set_type(struct args_parser *p, const char *value)
{
	uint16_t type;
	if (text_to_type(value, &type))
		return refuse_word(p, value, "no such record type");
	if (type == TYPE_AXFR || type == TYPE_IXFR)
		return refuse_word(p, value, "zone transfers are not built");
	p->current->type = type;
	p->current->type_given = true;
	return 0;
}

static int set_class(struct args_parser *p, const char *value)
{
	uint16_t class;
	if (text_to_class(value, &class))
		return refuse_word(p, value, "no such class");
	p->current->class = class;
	p->current->class_given = true;
	return 0;
}

/* Appends a copy of the defaults. */
static int new_query(struct args_parser *p, const char *text)
{
	struct args *args = p->args;
	if (args->count == ARGS_QUERIES)
		return refuse_word(p, text, "more than %d queries on one line", ARGS_QUERIES);
	/* Grows in doubling copies: the arena frees nothing, so this is bounded by twice the end.
	 */
	if ((args->count & (args->count - 1)) == 0) {
		size_t room = args->count ? 2 * (size_t)args->count : 1;
		struct query *grown = arena_alloc(p->arena, room * sizeof(*grown));
		if (!grown)
			return refuse_word(p, text, "out of memory");
		if (args->count)
			memcpy(grown, args->queries, args->count * sizeof(*grown));
		args->queries = grown;
	}
	p->current = &args->queries[args->count++];
	*p->current = args->defaults;
	p->current->text = text;
	return 0;
}

static int set_name(struct args_parser *p, const char *value)
{
	struct name name;
	if (idn_name(value, p->current->options.idn_in, &name)) {
		(void)refuse_word(p, value, "not a domain name");
		return RW_EMALFORMED;
	}
	int err = new_query(p, value);
	if (!err)
		p->current->name = name;
	return err;
}

static int set_reverse(struct args_parser *p, const char *value)
{
	struct name name;
	if (args_reverse(value, &name))
		return refuse_word(p, value, "not an IP address");
	int err = new_query(p, value);
	if (err)
		return err;
	p->current->name = name;
	p->current->absolute = true;
	if (!p->current->type_given)
		p->current->type = TYPE_PTR;
	p->current->type_given = true;
	return 0;
}

static int set_port(struct args_parser *p, const char *value)
{
	char *end;
	unsigned long port = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || port == 0 || port > 65535)
		return refuse_word(p, value, "not a port number");
	p->current->port = (uint16_t)port;
	return 0;
}

static int set_source(struct args_parser *p, const char *value)
{
	if (strchr(value, '#'))
		return refuse_word(p, value, "the source port is always a random one");
	if (addr_parse(value, 0, &p->args->source) || p->args->source.port)
		return refuse_word(p, value, "not an IP address");
	return 0;
}

static int set_ipv4(struct args_parser *p, const char *value)
{
	if (!p->args->ipv4)
		return refuse_word(p, "-4", "only one of -4 and -6 allowed");
	(void)value;
	p->args->ipv6 = false;
	return 0;
}

static int set_ipv6(struct args_parser *p, const char *value)
{
	if (!p->args->ipv6)
		return refuse_word(p, "-6", "only one of -4 and -6 allowed");
	(void)value;
	p->args->ipv4 = false;
	return 0;
}

static int set_batch(struct args_parser *p, const char *value)
{
	if (p->batch)
		return refuse_word(p, "-f", "not inside a batch file");
	p->args->batch = value;
	return 0;
}

static int set_input(struct args_parser *p, const char *value)
{
	p->args->input = value;
	return 0;
}

static int set_hints(struct args_parser *p, const char *value)
{
	p->args->hints = value;
	return 0;
}

static int set_anchor(struct args_parser *p, const char *value)
{
	p->args->anchor = value;
	return 0;
}

static int set_help(struct args_parser *p, const char *value)
{
	(void)value;
	p->args->mode = ARGS_HELP;
	return 0;
}

static int set_version(struct args_parser *p, const char *value)
{
	(void)value;
	p->args->mode = ARGS_VERSION;
	return 0;
}

static int set_options(struct args_parser *p, const char *value)
{
	(void)value;
	p->args->mode = ARGS_OPTIONS;
	return 0;
}

static int set_usec(struct args_parser *p, const char *value)
{
	(void)value;
	p->current->options.usec = true;
	return 0;
}

/* dig's -m is of use to its own developers. */
static int set_nothing(struct args_parser *p, const char *value)
{
	(void)p;
	(void)value;
	return 0;
}

/* The value may be a secret, so it is not repeated. */
static int set_tsig(struct args_parser *p, const char *value)
{
	(void)value;
	return refuse_word(p, "-k and -y", "TSIG is not built");
}

static int set_no_rc(struct args_parser *p, const char *value)
{
	(void)value;
	p->args->no_rc = true;
	return 0;
}

static const struct dash dashes[] = {
	{"-4", false, set_ipv4},
	{"-6", false, set_ipv6},
	{"-b", true, set_source},
	{"-c", true, set_class},
	{"-f", true, set_batch},
	{"-h", false, set_help},
	{"-i", true, set_input},
	{"-k", true, set_tsig},
	{"-m", false, set_nothing},
	{"-p", true, set_port},
	{"-q", true, set_name},
	{"-r", false, set_no_rc},
	{"-t", true, set_type},
	{"-u", false, set_usec},
	{"-v", false, set_version},
	{"-x", true, set_reverse},
	{"-y", true, set_tsig},
	{"--anchor", true, set_anchor},
	{"--help", false, set_help},
	{"--hints", true, set_hints},
	{"--options", false, set_options},
	{"--version", false, set_version},
};

static const char *dash_name(unsigned index)
{
	return index < RW_COUNT(dashes) ? dashes[index].name : NULL;
}

/* "-p53", "--hints=FILE" or the option with its value in the next word. NULL: no such option. */
static const struct dash *find_dash(const char *word, const char **ret_value)
{
	bool wordy = strncmp(word, "--", 2) == 0;
	for (size_t i = 0; i < RW_COUNT(dashes); i++) {
		size_t length = strlen(dashes[i].name);
		if (strncmp(word, dashes[i].name, length) != 0)
			continue;
		const char *rest = word + length;
		if (*rest == '\0')
			return *ret_value = NULL, &dashes[i];
		if (dashes[i].takes_value && (!wordy || *rest == '='))
			return *ret_value = rest + (wordy ? 1 : 0), &dashes[i];
	}
	return NULL;
}

static int parse_dash(struct args_parser *p, int argc, char *const *argv, int *index)
{
	const char *word = argv[*index], *value = NULL;
	const struct dash *dash = find_dash(word, &value);
	if (!dash) {
		const char *near = word[1] == '-' ? nearest_word(word, dash_name) : NULL;
		return near ? refuse_word(p, word, "unknown option; did you mean %s?", near)
			    : refuse_word(p, word, "unknown option; --help lists them");
	}
	if (dash->takes_value && !value) {
		if (*index + 1 >= argc)
			return refuse_word(p, word, "needs a value");
		value = argv[++*index];
	}
	return dash->set(p, value);
}

/* dig's guess: a type, else a class, else a name. */
static int parse_bare(struct args_parser *p, const char *word)
{
	uint16_t number;
	if (strncasecmp(word, "ixfr=", 5) == 0)
		return refuse_word(p, word, "zone transfers are not built");
	if (!text_to_type(word, &number))
		return set_type(p, word);
	if (!text_to_class(word, &number))
		return set_class(p, word);
	return set_name(p, word);
}

/* The first one is asked; +prop looks at all of them. */
static int name_server(struct args_parser *p, const char *server)
{
	struct query *query = p->current;
	if (query->server_count == ARGS_SERVERS)
		return refuse_word(p, server, "more than %d servers for one query", ARGS_SERVERS);
	query->servers[query->server_count++] = server;
	query->server = query->servers[0];
	return 0;
}

static int parse_word(struct args_parser *p, int argc, char *const *argv, int *index)
{
	const char *word = argv[*index];
	if (word[0] == '@')
		return word[1] ? name_server(p, word + 1) : refuse_word(p, word, "names no server");
	if (word[0] == '+')
		return options_set(&p->current->options, word + 1, p->error);
	if (word[0] == '-' && word[1] != '\0')
		return parse_dash(p, argc, argv, index);
	return parse_bare(p, word);
}

/* dig asks for ANY over TCP, and takes +short for all queries or none. */
static void finish_query(struct query *query, bool short_form)
{
	struct query_options *o = &query->options;
	o->short_form = short_form;
	if (query->type == TYPE_ANY && !o->tcp_given)
		o->tcp = true;
}

static const char *join_words(struct arena *arena, int argc, char *const *argv)
{
	char shown[256];
	const char *line = "";
	for (int i = 0; i < argc && line && strlen(line) < 1024; i++)
		line = arena_printf(arena, "%s%s%s", line, i ? " " : "",
			out_escape(argv[i], strlen(argv[i]), shown, sizeof(shown)));
	return line ? line : "";
}

static void defaults(struct args *ret_args)
{
	*ret_args = (struct args){.ipv4 = true, .ipv6 = true};
	ret_args->defaults = (struct query){.type = TYPE_A, .class = CLASS_IN, .port = 53};
	options_default(&ret_args->defaults.options);
}

int args_parse(struct arena *arena, int argc, char *const *argv, const struct args *base,
	struct args *ret_args, char error[ARGS_ERROR])
{
	struct args args;
	if (base) {
		args = *base;
		args.queries = NULL;
		args.count = 0;
		args.batch = NULL;
		args.defaults.server_count = 0; /* a line's own servers go before these */
	} else {
		defaults(&args);
	}
	struct args_parser p = {.arena = arena,
		.args = &args,
		.current = &args.defaults,
		.error = error,
		.batch = base && base->batch};
	for (int i = 0; i < argc; i++) {
		int err = parse_word(&p, argc, argv, &i);
		if (err)
			return err;
	}
	if (args.count == 0 && !args.batch && !args.input && args.mode == ARGS_RUN) {
		if (!args.defaults.type_given)
			args.defaults.type = TYPE_NS;
		int err = set_name(&p, ".");
		if (err)
			return err;
	}
	for (unsigned i = 0; i < args.count; i++)
		finish_query(&args.queries[i], p.current->options.short_form);
	args.line = join_words(arena, argc, argv);
	*ret_args = args;
	return 0;
}

/* "192.0.2": the zone of a whole network, as dig has it. */
static int reverse_network(const char *text, struct name *ret_name)
{
	char name[64], octets[3][4];
	int count = 0;
	for (size_t size; count < 3; count++, text += size + 1) {
		size = strspn(text, "0123456789");
		if (size < 1 || size > 3 || (text[size] != '.' && text[size] != '\0'))
			return RW_EINVAL;
		(void)snprintf(octets[count], sizeof(octets[count]), "%.*s", (int)size, text);
		if (strtoul(octets[count], NULL, 10) > 255)
			return RW_EINVAL;
		if (text[size] == '\0')
			break;
	}
	if (count == 3) /* more was to come */
		return RW_EINVAL;
	name[0] = '\0';
	for (size_t used = 0; count >= 0; count--)
		used += (size_t)snprintf(name + used, sizeof(name) - used, "%s.", octets[count]);
	(void)strcat(name, "in-addr.arpa.");
	return name_from_text(name, ret_name);
}

int args_reverse(const char *text, struct name *ret_name)
{
	struct addr addr;
	char name[128];
	size_t used = 0;
	if (addr_parse(text, 0, &addr))
		return reverse_network(text, ret_name);
	if (addr.port)
		return RW_EINVAL;
	if (addr.family == ADDR_V4) {
		(void)snprintf(name, sizeof(name), "%u.%u.%u.%u.in-addr.arpa.", addr.ip[3],
			addr.ip[2], addr.ip[1], addr.ip[0]);
		return name_from_text(name, ret_name);
	}
	for (int i = 15; i >= 0; i--)
		used += (size_t)snprintf(name + used, sizeof(name) - used, "%x.%x.",
			addr.ip[i] & 15u, addr.ip[i] >> 4);
	(void)snprintf(name + used, sizeof(name) - used, "ip6.arpa.");
	return name_from_text(name, ret_name);
}

void args_outgoing(const struct args *args, struct outgoing_settings *outgoing)
{
	outgoing->ipv4 = args->ipv4;
	outgoing->ipv6 = args->ipv6;
	if (args->source.family)
		outgoing->addresses = (struct addr_list){(struct addr *)&args->source, 1};
}
