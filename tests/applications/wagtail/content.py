"""Editors and articles, as the newsroom has them after some years. May be run again."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from home.models import HomePage

EDITORS = 20
SECTIONS = 10
ARTICLES = 300  # of each section

# The children of a section, by one statement each: page by page they would take a quarter of an hour. A path is its parent's and
# four digits of base 36.
CHILDREN = """
with article as (
    insert into wagtailcore_page (path, depth, numchild, translation_key, locale_id, title, draft_title, slug, content_type_id, live,
        has_unpublished_changes, url_path, owner_id, seo_title, show_in_menus, search_description, expired, locked,
        first_published_at, last_published_at, latest_revision_created_at)
    select %(path)s || substr(digits, n / 46656 + 1, 1) || substr(digits, n / 1296 %% 36 + 1, 1) || substr(digits, n / 36 %% 36 + 1, 1)
            || substr(digits, n %% 36 + 1, 1),
        %(depth)s, 0, gen_random_uuid(), %(locale)s, title, title, 'article-' || n, %(type)s, true,
        false, %(url)s || 'article-' || n || '/', %(owner)s, '', false, 'About ' || title, false, false, now(), now(), now()
    from (select '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ' as digits) alphabet, generate_series(1, %(count)s) n,
        lateral (select initcap(%(section)s) || ' report ' || n || ' on ' ||
            (array['harbour', 'school', 'market', 'river', 'council', 'museum', 'railway', 'forest', 'bridge', 'theatre'])[n %% 10 + 1]
            as title) titles
    returning id
)
insert into home_homepage (page_ptr_id) select id from article
"""


def make_editors():
    # Those of the moderators publish what they have edited.
    group = Group.objects.get(name="Moderators")
    password = make_password("Editor-Password-1")
    editors = [User(username=f"editor{number}", password=password) for number in range(1, EDITORS + 1)]
    group.user_set.add(*User.objects.bulk_create(editors))


def make_articles():
    home = HomePage.objects.get(depth=2)
    owner = User.objects.get(username="editor1")
    for number in range(1, SECTIONS + 1):
        section = home.add_child(instance=HomePage(title=f"Section {number}", slug=f"section-{number}"))
        section.save_revision().publish()
        with connection.cursor() as cursor:
            cursor.execute(CHILDREN, {
                "path": section.path, "depth": section.depth + 1, "locale": section.locale_id, "section": section.title,
                "type": ContentType.objects.get_for_model(HomePage).id, "url": section.url_path, "owner": owner.id,
                "count": ARTICLES,
            })
        HomePage.objects.filter(id=section.id).update(numchild=ARTICLES)


if not User.objects.filter(username="editor1").exists():
    make_editors()
    make_articles()
    call_command("update_index", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
