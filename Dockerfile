# The portal alone: no sandbox, no tests, and nothing of it runs as root. It is meant to stand behind a proxy that
# speaks HTTPS, whose address TRUSTED_PROXIES names:
#   docker run --read-only --tmpfs /tmp -p 8000:8000 -v portal:/app/var -e SECRET_KEY=… -e ALLOWED_HOSTS=… -e TRUSTED_PROXIES=… \
#     -e RUCKUS_REGION=na resident-portal

FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements/build.txt requirements/build.txt
# The file names every package, so pip need not ask what theirs need.
RUN pip install --no-deps --no-cache-dir --require-hashes --only-binary :all: -r requirements/build.txt
COPY manage.py gunicorn.conf.py ./
COPY scripts/start.py scripts/healthy.py scripts/messages.py scripts/
COPY portal portal
COPY residents residents
COPY staff staff
COPY common common
COPY ruckus ruckus
COPY templates templates
COPY static static
COPY locale locale
# Nothing of the portal needs them then: where numbers are from, what translators edit, what built it.
RUN python scripts/messages.py compile \
    && rm -r /venv/lib/python3*/site-packages/phonenumbers/geodata /venv/lib/python3*/site-packages/phonenumbers/carrierdata \
        /venv/lib/python3*/site-packages/phonenumbers/tzdata \
    && find /venv locale -name '*.po' -delete \
    && rm scripts/messages.py \
    && pip uninstall --yes --quiet --root-user-action ignore babel pip
# The settings refuse to load without these; nothing of them stays in the files.
RUN SECRET_KEY=only-for-this-step-and-no-secret-at-all RUCKUS_REGION=na python manage.py collectstatic --noinput --verbosity=0 \
    && python -m compileall -q portal residents staff common ruckus \
    && mkdir -p var

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
# Holds the SQLite database unless DATABASE_URL names another; all else stays root's.
RUN chown portal /app/var
VOLUME /app/var
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 BIND=0.0.0.0 PORT=8000
USER portal
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "scripts/healthy.py"]
# Migrates the database, then becomes the command.
ENTRYPOINT ["python", "scripts/start.py"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "portal.asgi:application"]
