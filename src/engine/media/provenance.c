#include "engine/media/provenance.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static const unsigned char head[24] = {0,    0,    0,    0,    'u',  'u',  'i',  'd',
                                       0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8,
                                       0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC};

size_t provenance_box(unsigned char out[PROVENANCE_BOX_MAX], const char *job_id)
{
    struct text xmp = text_over((char *)out + sizeof(head), PROVENANCE_BOX_MAX - sizeof(head));
    text_add(&xmp, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                   "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                   "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                   "<rdf:Description rdf:about=\"\"\n"
                   " xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n"
                   " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
                   " xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
                   " Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/"
                   "digitalsourcetype/trainedAlgorithmicMedia\"\n"
                   " xmp:CreatorTool=\"Orator " ORATOR_VERSION "\"");
    if (job_id)
        text_addf(&xmp, "\n dc:identifier=\"%.*s\"", PROVENANCE_ID_MAX, job_id);
    text_add(&xmp, "/>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>");
    assert(!xmp.cut);
    size_t size = sizeof(head) + xmp.length;
    memcpy(out, head, sizeof(head));
    out[2] = (unsigned char)(size >> 8);
    out[3] = (unsigned char)size;
    return size;
}
