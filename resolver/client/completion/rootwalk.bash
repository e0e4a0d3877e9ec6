# SPDX-License-Identifier: MIT
# Completion of rootwalk for bash; the program itself says which options it has.
_rootwalk()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
	COMPREPLY=()
	case $before in
	-f | -i | --hints | --anchor)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	esac
	case $word in
	+no*) words=$(rootwalk --options 2>/dev/null | sed 's/^/+no/') ;;
	+*) words=$(rootwalk --options 2>/dev/null | sed 's/^/+/') ;;
	-*) words='-4 -6 -b -c -f -h -i -p -q -r -t -u -v -x --anchor --help --hints --options --version' ;;
	@*) words=$(sed -n 's/^nameserver[[:space:]]*/@/p' /etc/resolv.conf 2>/dev/null) ;;
	*) words='A AAAA ANY CAA CNAME DNSKEY DS HTTPS MX NAPTR NS PTR SOA SRV SVCB TLSA TXT' ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _rootwalk rootwalk
