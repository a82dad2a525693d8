"""The words of the pages in each language."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "id": {
        "title": "Perubahan aturan: {against} → {version}",
        "intro": "Apa yang berubah bila versi {version} menggantikan versi {against}.",
        "nothing": "Kedua versi memutuskan dengan aturan yang sama.",
        "summary": "Ringkasan",
        "section": "Bagian",
        "rules": "Aturan",
        "classes": "Kelas",
        "subjects": "Kebijakan",
        "places": "Tempat",
        "document": "Lain-lain",
        "added": "ditambah",
        "removed": "dihapus",
        "changed": "diubah",
        "moved": "dipindah urutannya",
        "field": "Isian",
        "lost": "Sebelumnya",
        "gained": "Sesudahnya",
    },
    "en": {
        "title": "Changes of rules: {against} → {version}",
        "intro": "What changes where version {version} takes the place of version {against}.",
        "nothing": "Both versions decide by the same rules.",
        "summary": "Summary",
        "section": "Part",
        "rules": "Rules",
        "classes": "Classes",
        "subjects": "Policies",
        "places": "Places",
        "document": "The rest",
        "added": "added",
        "removed": "removed",
        "changed": "changed",
        "moved": "moved in order",
        "field": "Field",
        "lost": "Before",
        "gained": "After",
    },
}
