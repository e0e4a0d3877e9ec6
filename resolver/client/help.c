/* SPDX-License-Identifier: MIT */
/* The help text; rootwalk(1) says the rest. */
#include "resolver/client/help.h"

static const char text[] =
	"rootwalk [@server] [name] [type] [class] [options]      asks one server, like dig\n"
	"rootwalk +trace name [type]      walks from the root by itself and shows each hop\n"
	"rootwalk +prop name [type] [@resolver...]   is a change on all servers, in caches?\n"
	"\n"
	"  @server          address or name of the server; default: /etc/resolv.conf\n"
	"  -p PORT          its port            -x ADDRESS   reverse lookup\n"
	"  -t TYPE -c CLASS -q NAME             said outright, where guessing is wrong\n"
	"  -4 -6 -b ADDRESS only this family, from this address\n"
	"  -f FILE          one command line per line; - is the standard input\n"
	"  -i FILE          shows the messages of a capture, of hex digits or bytes\n"
	"  --hints FILE     +trace: root hints to start from, for a root of your own\n"
	"  -h --help, -v --version\n"
	"\n"
	"  +short           only the data       +json        one object per line\n"
	"  +wire            each byte   +pcap=FILE   queries and replies as a capture\n"
	"  +tcp +ignore     TCP; no TCP after a truncated reply\n"
	"  +time=S +tries=N +retry=N            waiting and trying again\n"
	"  +norecurse +cdflag +noadflag +dnssec +aaflag      flags of the query\n"
	"  +bufsize=N +edns=N +noedns +nsid +cookie +subnet=P +ednsopt=C:HEX +padding=N\n"
	"  +noall +answer +comments +question +authority +additional +stats +cmd +qr\n"
	"  +multiline +ttlunits +nottlid +nocl +nocrypto +rrcomments +identify\n"
	"  +port=N +noqmin  +trace: where servers listen; ask for whole names at once\n"
	"  +watch[=VALUE]   +prop: again until all agree, or all say VALUE\n"
	"\n"
	"Each + option has a +no form and may be abbreviated. Exit code: 0 reply, 1 usage,\n"
	"8 batch file, 9 no reply; +trace: 3 no such name or data, 4 SERVFAIL or REFUSED,\n"
	"6 broken or lame delegation, 7 servers disagree, 9 no reply at all. rootwalk(1) tells "
	"all.\n";

int help_print(FILE *file)
{
	fputs(text, file);
	return 0;
}
