/* SPDX-License-Identifier: MIT */
/* The help text, one screen of 80 x 24; rootwalk(1) says the rest. */
#include "resolver/client/help.h"

static const char text[] =
	"rootwalk [@server] [name] [type] [class] [options]    asks one server, like dig\n"
	"rootwalk +trace name [type]          walks from the root itself, shows each hop\n"
	"         +allns +cache=@R            ... asks all servers; what resolver R holds\n"
	"rootwalk +prop name [type] [@R...]   is a change on all servers, in R's cache?\n"
	"         +watch[=VALUE]              ... again until all agree, or say VALUE\n"
	"rootwalk +check name                 examines the zone, says what to change\n"
	"rootwalk +nssearch name              the SOA record on each server of the zone\n"
	"rootwalk +wire [...] [-i FILE]       each byte; FILE: a capture, hex or bytes\n"
	"  -p PORT  -x ADDRESS (reverse)  -t TYPE -c CLASS -q NAME  -4 -6 -b ADDRESS\n"
	"  -f FILE  one command line per line, - is standard input; -r  no rc file\n"
	"  --hints FILE  root hints of a root of your own; +port=N where its servers are\n"
	"  +short +json     the data alone; one object per line, in every mode\n"
	"  +tcp +ignore +time=S +tries=N +retry=N  +search +domain=NAME +ndots=N\n"
	"  +norecurse +cdflag +noadflag +dnssec +aaflag +noidnin +noqmin +opcode=N\n"
	"  +bufsize=N +edns=N +noedns +nsid +zoneversion +cookie +subnet=P +padding=N\n"
	"  +ednsopt=C:HEX +noall +answer +comments +question +authority +additional +qr\n"
	"  +stats +cmd +multiline +ttlunits +nottlid +nocl +nocrypto +rrcomments\n"
	"  +identify +idnout +pcap=FILE  (queries and replies as a capture)\n"
	"Each + option has a +no form and may be abbreviated. Exit code: 0 reply,\n"
	"1 usage, 8 file, 9 no reply; +trace, +prop, +check: 3 no such name or data,\n"
	"4 SERVFAIL or REFUSED, 5 bogus, 6 broken or lame, 7 servers disagree.\n"
	"rootwalk(1) tells all.\n";

int help_print(FILE *file)
{
	fputs(text, file);
	return 0;
}
